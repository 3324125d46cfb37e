import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { command, type Messages } from '../../service/messages.ts';
import { RunningService } from '../../service/running-service.ts';
import { runOperation } from '../run-operation.ts';

let service: RunningService;
let messages: Messages;
let bus: ServiceBusClient;

beforeAll(async () => {
  service = await RunningService.start();
  messages = service.openMessages();
  bus = new ServiceBusClient(service.setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING'));
});
afterAll(async () => {
  await bus.close();
  await messages.close();
  await service.close();
});

const run = (...words: string[]) => runOperation(service, 'messages', ...words);
const access = { repositories: { 'teams/web': ['content/read'] } };

/** The number of the first message that a list shows. */
async function firstNumber(...words: string[]): Promise<string> {
  const { output } = await run('list', ...words);
  return /^ *(\d+) {2}/.exec(output)?.[1] ?? '';
}

it('lists what was set aside, shows it, and sends it again once it is mended', async () => {
  const unfit = command('keyturn.token.requested', 'team-web', { access });
  await messages.send('token-requests', unfit);
  await expect.poll(() => firstNumber(), { timeout: 60_000 }).not.toBe('');
  const number = await firstNumber();
  expect((await run('list')).output).toMatch(
    /keyturn\.token\.requested contoso\/team-web +invalidData +.*data\.owner.*\n1 messages in token-requests-rejected\.\n$/,
  );
  const shown = JSON.parse((await run('show', '--sequence', number)).output);
  expect(shown).toMatchObject({ id: unfit.id });

  const refused = await run('resend', '--sequence', number, '--to', 'token-requests');
  expect([refused.code, refused.errors]).toEqual([2, expect.stringContaining('set aside again')]);
  expect(await firstNumber()).toBe(number);

  const mended = join(service.folder, 'mended.json');
  await writeFile(mended, JSON.stringify({ ...shown, data: { ...shown.data, owner: 'team-web' } }));
  const sent = await run('resend', '--sequence', number, '--to', 'token-requests', '--body', mended);
  expect(sent.errors).toBe('');
  expect(sent.output).toBe(
    `Sent ${number} to token-requests, and removed it from token-requests-rejected.\n`,
  );
  await messages.event('keyturn.token.provisioned', 'team-web');
  expect((await run('list')).output).toBe('0 messages in token-requests-rejected.\n');
}, 120_000);

it('reaches dead letters, and drops what nobody needs', async () => {
  await bus.createSender('token-requests-rejected').sendMessages({ body: 'x', messageId: 'spoilt' });
  const receiver = bus.createReceiver('token-requests-rejected');
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 30_000 });
  if (!message) throw new Error('Nothing came.');
  await receiver.deadLetterMessage(message, {
    deadLetterReason: 'Spoilt',
    deadLetterErrorDescription: 'a test',
  });
  const { output } = await run('list', '--dead-letters');
  expect(output).toMatch(/ - +Spoilt +a test\n1 messages/);
  const number = await firstNumber('--dead-letters');
  const { code, errors } = await run('show', '--sequence', '999999', '--dead-letters');
  expect([code, errors]).toEqual([2, 'There is no message 999999 there.\n']);
  expect((await run('drop', '--sequence', number, '--dead-letters')).code).toBe(0);
  expect((await run('list', '--dead-letters')).output).toBe('0 messages in token-requests-rejected.\n');
}, 120_000);
