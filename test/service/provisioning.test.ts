import { afterAll, beforeAll, expect, it } from 'vitest';
import { command, type Messages } from './messages.ts';
import { RunningService } from './running-service.ts';

let service: RunningService;
let messages: Messages;

beforeAll(async () => {
  service = await RunningService.start();
  messages = service.openMessages();
});
afterAll(async () => {
  await messages.close();
  await service.close();
});

it('answers a request with the place of a password that logs in', async () => {
  await messages.send(
    'token-requests',
    command('keyturn.token.requested', 'team-web', {
      owner: 'team-web',
      access: { repositories: { 'teams/web': ['content/read', 'content/write'] } },
    }),
  );
  const { data } = await messages.event('keyturn.token.provisioned', 'team-web');
  expect(data).toMatchObject({
    registry: 'contoso',
    entrance: 'token-requests',
    owner: 'team-web',
    verified: true,
  });
  expect(await service.logIn('team-web')).toBe(200);
});

it('rotates when it is due, and both passwords log in', async () => {
  const before = await service.publishedPassword('team-web');
  await service.control.advance('P60D');
  const { data } = await messages.event('keyturn.token.rotated', 'team-web');
  expect(data).toMatchObject({ slot: 'password2', generation: 2 });
  expect(await service.publishedPassword('team-web')).not.toBe(before);
  expect(await service.logIn('team-web')).toBe(200);
  expect(await service.logIn('team-web', before)).toBe(200);
});
