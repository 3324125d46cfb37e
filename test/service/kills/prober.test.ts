import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Prober } from '../prober.ts';
import type { RunningService } from '../running-service.ts';
import { Fleet } from './fleet.ts';
import { startQuickService } from './quick-service.ts';

const subscription = '00000000-0000-4000-8000-000000000001';
const [resourceGroup, registry] = ['registries', 'contoso'];

let service: RunningService;
let prober: Prober;
let fleet: Fleet;

beforeAll(async () => {
  ({ service, prober } = await startQuickService());
  fleet = await Fleet.open(service, prober, ['team-rotated', 'team-cut', 'team-off', 'team-broken']);
  await service.startHost();
  await fleet.request();
  await fleet.settled();
});
afterAll(async () => {
  await prober.close();
  await fleet.requester.close();
  await service.close();
});

it('logs in with the published and the previous password while a token is rotated', async () => {
  await prober.until(2);
  await fleet.rotate(['team-rotated']);
  await fleet.settled();
  const before = prober.logins.get('team-rotated') ?? 0;
  const others = prober.logins.get('team-off') ?? 0;
  await prober.until(4);
  // Two passwords of this token, and one of each other, at each look.
  expect((prober.logins.get('team-rotated') ?? 0) - before).toBeGreaterThan(
    (prober.logins.get('team-off') ?? 0) - others,
  );
  expect(prober.failures).toEqual([]);
});

it('promises nothing for a password that a command cut short, or after its overlap', async () => {
  await prober.cutShort('team-cut');
  const compromised = { compromised: true, previousValidFor: 'PT0S', reason: 'It was found in a log.' };
  await fleet.requester.cause(
    'keyturn.token.rotated',
    'keyturn.token.rotation-requested',
    'team-cut',
    compromised,
  );
  await service.control.advance('PT25H');
  await fleet.rotate(['team-rotated']);
  await fleet.settled();
  await prober.until(4);
  expect(prober.failures).toEqual([]);
});

it('takes a token for ended when it is told so', async () => {
  await prober.end('team-off');
  await fleet.requester.cause('keyturn.token.disabled', 'keyturn.token.disable-requested', 'team-off', {
    reason: 'The team was dissolved.',
  });
  await prober.until(4);
  expect(prober.failures).toEqual([]);
});

it('notices a published password that somebody broke out of band', async () => {
  const { cloud } = JSON.parse(service.setting('KEYTURN_CONFIGURATION'));
  const operator = new ContainerRegistryManagementClient(await service.credential(), subscription, {
    endpoint: cloud.armEndpoint,
    credentials: { scopes: ['https://management.azure.com/.default'] },
  });
  const { id = '' } = await operator.tokens.get(resourceGroup, registry, 'team-broken');
  await operator.registries.generateCredentials(resourceGroup, registry, { tokenId: id, name: 'password1' });
  await expect.poll(() => prober.failures.length, { timeout: 30_000 }).toBeGreaterThan(0);
  expect(prober.failures[0]).toMatchObject({
    token: 'team-broken',
    password: 'published',
    slot: 'password1',
    generation: '1',
    why: 'refused',
  });
  const others = prober.failures.filter(({ token }) => token !== 'team-broken');
  expect(others).toEqual([]);
});
