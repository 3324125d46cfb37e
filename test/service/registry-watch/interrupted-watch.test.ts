import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { openRecordTables } from '../../../src/adapters/record-tables.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { driftsOf } from '../findings/findings-of.ts';
import { Intruder } from '../findings/intruder.ts';
import { RunningService } from '../running-service.ts';
import { RegistryEvents } from './watched-service.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let service: RunningService;
let requester: Requester;
let told: RegistryEvents;
let person: Intruder;

/** By the machine's clock: a turn at a registry, which ends with who was killed in it. Milliseconds. */
const turn = 4_000;

beforeAll(async () => {
  service = await RunningService.start({
    redeliveryDelay: 'PT1S',
    changeConfiguration: (configuration) => {
      configuration.reconcile = { schedule: '0 */5 * * * *', registriesSchedule: '0 7 * * * *' };
      configuration.lease = { length: `PT${turn / 1_000}S`, margin: 'PT1S' };
    },
  });
  requester = await Requester.open(service);
  told = new RegistryEvents(requester.messages);
  person = await Intruder.enter(service, 'administrator');
  await Promise.all(
    ['team-scan', 'team-hour'].map((token) =>
      requester.cause('keyturn.token.provisioned', 'keyturn.token.requested', token, teamRequest()),
    ),
  );
  // What is made right after Keyturn's own work may be Keyturn's own, as far as anybody can tell.
  await service.control.advance('PT1H');
});
afterAll(async () => {
  await requester?.messages.close();
  await service?.close();
});
beforeEach(() => service.control.clearFaults());

/** Lets a comparison wait for the list of tokens, and resolves when it is under way. */
async function whileListing(cause: () => Promise<unknown>, milliseconds = 10_000): Promise<void> {
  const listing = '^GET .*/tokens\\?';
  await service.control.injectFault({
    part: 'resource-manager',
    match: listing,
    effect: { kind: 'delay', milliseconds },
    times: 1,
  });
  await cause();
  const isAtIt = async () => (await note())?.includes('"running"') ?? false;
  await eventually('a comparison is under way', isAtIt);
}

/** What is written down of the comparison. */
async function note(): Promise<string | undefined> {
  const endpoint = service.setting('Records__tableServiceUri');
  const tables = openRecordTables({ kind: 'identity', endpoint, credential: await service.credential() });
  const row = await tables.findings.getEntity<{ text0: string }>('contoso~notes', 'comparison');
  return row.text0;
}

async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await wait(50)) if (await isSo()) return;
  throw new Error(`${what}: not within 30 s.`);
}

/** As an operator does: the clock's own run would be waited for by whoever moves the clock. */
async function startByHand(functionName: string): Promise<void> {
  const [host] = service.hosts;
  const keys = await readFile(join(service.folder, 'host', 'keys.json'), 'utf8');
  const { master } = JSON.parse(keys) as { master: string };
  const answer = await fetch(`${host?.origin}/admin/functions/${functionName}`, {
    method: 'POST',
    headers: { 'x-functions-key': master, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(answer.status).toBe(202);
}

async function killAndStartAgain(): Promise<void> {
  const host = service.hosts.pop();
  await host?.kill();
  await service.control.clearFaults();
  await service.startHost();
}

/** Until somebody looks after what nobody has finished. */
async function nextLook(): Promise<void> {
  await wait(turn);
  await service.control.advance('PT5M');
}

const findingsOf = (token: string) =>
  driftsOf(requester.messages.events, token).map(({ finding }) => finding);

it('a host that is killed while it looks for a stolen password misses nothing', async () => {
  await whileListing(() => person.generate('team-scan', 'password2'));
  await killAndStartAgain();
  await nextLook();
  await requester.messages.until('the theft is told', () => findingsOf('team-scan').length > 0);
  expect(findingsOf('team-scan')).toEqual(['unpublishedSlotRegenerated']);
});

it('a host that is killed in the hourly comparison misses nothing', async () => {
  await service.control.changeEventGridSettings({ enabled: false });
  await person.setStatus('team-hour', 'disabled');
  await person.makeToken('stray-quiet', '_repositories_push');
  await whileListing(() => startByHand('reconcileRegistries'));
  await killAndStartAgain();
  await nextLook();
  await requester.messages.until('what happened is told', () => findingsOf('team-hour').length > 0);
  await told.told('unmanagedToken', 'stray-quiet');
  expect(findingsOf('team-hour')).toEqual(['disabledOutOfBand']);
  expect(told.detected('unmanagedToken', 'stray-quiet')).toHaveLength(1);
});
