import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openRecordTables } from '../../../src/adapters/record-tables.ts';
import { RegistryNotesTable } from '../../../src/adapters/registry-notes-table.ts';
import { systemClock } from '../../../src/adapters/system-clock.ts';
import { requestComparison } from '../../../src/watch/comparison-turns.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { driftsOf } from '../findings/findings-of.ts';
import { Intruder } from '../findings/intruder.ts';
import { RunningService } from '../running-service.ts';
import { RegistryEvents } from './watched-service.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let service: RunningService;
let requester: Requester;
let notes: RegistryNotesTable;
let told: RegistryEvents;
let person: Intruder;

/** A turn at a registry is short, and whoever left one behind is soon missed: all by the machine's clock. */
beforeAll(async () => {
  service = await RunningService.start({
    redeliveryDelay: 'PT1S',
    changeConfiguration: (configuration) => {
      configuration.reconcile = { ...configuration.reconcile, schedule: '*/3 * * * * *' };
      configuration.lease = { length: 'PT4S', margin: 'PT1S' };
    },
  });
  requester = await Requester.open(service);
  const endpoint = service.setting('Records__tableServiceUri');
  const tables = openRecordTables({ kind: 'identity', endpoint, credential: await service.credential() });
  notes = new RegistryNotesTable(tables.findings, systemClock);
  told = new RegistryEvents(requester.messages);
  person = await Intruder.enter(service, 'administrator');
  await Promise.all(
    ['team-stolen', 'team-quiet'].map((token) =>
      requester.cause('keyturn.token.provisioned', 'keyturn.token.requested', token, teamRequest()),
    ),
  );
});
afterAll(async () => {
  await requester?.messages.close();
  await service?.close();
});

/** Kills the host in a comparison, which waits for the list of tokens, and starts another one. */
async function killWhileComparing(cause: () => Promise<unknown>): Promise<void> {
  await service.control.injectFault({
    part: 'resource-manager',
    match: '^GET .*/tokens\\?',
    effect: { kind: 'delay', milliseconds: 30_000 },
  });
  await cause();
  for (const end = Date.now() + 30_000; Date.now() < end && !(await isComparing()); ) await wait(50);
  expect(await isComparing()).toBe(true);
  await service.hosts.pop()?.kill();
  await service.control.clearFaults();
  await service.startHost();
}

async function isComparing(): Promise<boolean> {
  const note = await notes.readNote('contoso', 'comparison');
  return note !== undefined && Object.hasOwn(Object(note.value), 'running');
}

const findingsOf = (token: string) =>
  driftsOf(requester.messages.events, token).map(({ finding }) => finding);
const until = (token: string) =>
  requester.messages.until(`what happened to ${token}`, () => findingsOf(token).length > 0);

it('a host that is killed while it looks for a stolen password misses nothing', async () => {
  await killWhileComparing(() => person.generate('team-stolen', 'password2'));
  await until('team-stolen');
  expect(findingsOf('team-stolen')).toEqual(['unpublishedSlotRegenerated']);
});

it('a host that is killed in the comparison of everything misses nothing', async () => {
  await service.control.changeEventGridSettings({ enabled: false });
  await person.setStatus('team-quiet', 'disabled');
  await person.makeToken('stray-quiet', '_repositories_push');
  // As the hourly timer does first.
  const now = (await service.control.now()).toISOString();
  const clock = { now: () => new Date(Date.now() - 120_000) };
  await killWhileComparing(() =>
    requestComparison('contoso', { scope: 'everything', now, reports: [] }, { notes, clock }),
  );
  await until('team-quiet');
  await told.told('unmanagedToken', 'stray-quiet');
  expect(findingsOf('team-quiet')).toEqual(['disabledOutOfBand']);
  expect(told.detected('unmanagedToken', 'stray-quiet')).toHaveLength(1);
});
