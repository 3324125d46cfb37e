import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { RegistryFinding } from '../../../src/contracts/findings.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import { Intruder } from '../findings/intruder.ts';
import { RunningService } from '../running-service.ts';
import { other, RegistryEvents, watchClosely, withOtherRegistry } from './watched-service.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let service: RunningService;
let requester: Requester;
let told: RegistryEvents;
let person: Intruder;
const group = 'registries';
const premium = { location: 'westeurope', sku: { name: 'Premium' } };

beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: withOtherRegistry,
    registrySettings: { writeAnswer: 'done' },
    changeConfiguration: (configuration) => {
      watchClosely(configuration);
      const resourceId = configuration.registries.contoso?.resourceId.replace(/contoso$/, other) ?? '';
      configuration.registries[other] = { resourceId, ignoredTokens: ['*'] };
    },
  });
  requester = await Requester.open(service);
  told = new RegistryEvents(requester.messages);
  person = await Intruder.enter(service, 'administrator');
});
afterAll(async () => {
  await requester?.messages.close();
  await service?.close();
});

interface ComparedRecord {
  readonly record: string;
  readonly registry: string;
  readonly tokens: number;
  readonly deviating: number;
  readonly woken: number;
  readonly unmanaged: number;
}

/** Advances past the next hourly comparison, and resolves with what its log says of a registry. */
async function nextHour(registry = 'contoso'): Promise<ComparedRecord> {
  const [host] = service.hosts;
  if (!host) throw new Error('There is no host.');
  const compared = () =>
    host.log
      .saidBy('reconcileRegistries')
      .map((line) => JSON.parse(line) as ComparedRecord)
      .filter((each) => each.record === 'registryCompared' && each.registry === registry);
  const before = compared().length;
  await service.control.advance('PT1H');
  await host.log.until(`the comparison of ${registry}`, () => compared().length > before);
  const last = compared().at(-1);
  if (!last) throw new Error('The record is gone.');
  return last;
}

const timesTold = (finding: RegistryFinding, about: string) => told.detected(finding, about).length;

it('wakes nobody for nothing, and tells nothing', async () => {
  const provisioned = ['team-one', 'team-two'].map((token) =>
    requester.cause('keyturn.token.provisioned', 'keyturn.token.requested', token, teamRequest()),
  );
  await Promise.all(provisioned);
  const expected = { tokens: 2, deviating: 0, woken: 0, unmanaged: 0 };
  expect(await nextHour()).toMatchObject(expected);
  expect(await nextHour()).toMatchObject(expected);
  expect(requester.messages.events.map(({ type }) => type)).toEqual(
    Array.from(provisioned, () => 'keyturn.token.provisioned'),
  );
});

it('tells each thing once, although reports come twice, late, in arrays and as CloudEvents', async () => {
  await service.control.changeEventGridSettings({
    schema: 'cloud-events',
    body: 'array',
    duplicates: 1,
    late: { probability: 0.5, milliseconds: [200, 900] },
    clientRequestId: 'replaced',
  });
  const { registries } = person.registry;
  await registries.update(group, 'contoso', { adminUserEnabled: true });
  await person.makeToken('stray-twice', '_repositories_push');
  await requester.cause('keyturn.token.provisioned', 'keyturn.token.requested', 'team-three', teamRequest());
  await told.told('unmanagedToken', 'stray-twice');
  await told.told('registryBackDoor', 'contoso');
  const { deviating, unmanaged } = await nextHour();
  expect({ deviating, unmanaged }).toEqual({ deviating: 0, unmanaged: 1 });
  expect(timesTold('unmanagedToken', 'stray-twice')).toBe(1);
  expect(timesTold('registryBackDoor', 'contoso')).toBe(1);
  expect(requester.told('team-three')).toEqual(['provisioned']);
  await registries.update(group, 'contoso', { adminUserEnabled: false });
  await person.delete('stray-twice');
  await told.over('registryBackDoor', 'contoso');
  await told.over('unmanagedToken', 'stray-twice');
  await service.control.changeEventGridSettings({ schema: 'event-grid', body: 'object', duplicates: 0 });
});

it('notices within the hour what no report told, and that none come', async () => {
  await service.control.changeEventGridSettings({ enabled: false });
  await service.control.advance('PT10M');
  await requester.cause('keyturn.token.provisioned', 'keyturn.token.requested', 'team-four', teamRequest());
  const { registries } = person.registry;
  await registries.update(group, 'contoso', { anonymousPullEnabled: true });
  await registries.listCredentials(group, 'contoso').catch(() => 'the admin user is off');
  await person.makeToken('stray-quiet', '_repositories_push');
  // So long a report is waited for.
  await service.control.advance('PT30M');
  expect((await nextHour()).unmanaged).toBe(1);
  for (const [finding, about] of [
    ['registryBackDoor', 'contoso'],
    ['unmanagedToken', 'stray-quiet'],
    ['eventsMissing', 'contoso'],
  ] as const) {
    const { drift } = await told.told(finding, about, finding === 'registryBackDoor' ? 2 : 1);
    expect(drift).toMatchObject({ noticedBy: 'reconcile', cause: 'unknown' });
  }
  await service.control.changeEventGridSettings({ enabled: true });
  await registries.update(group, 'contoso', { anonymousPullEnabled: false });
  await told.over('eventsMissing', 'contoso');
  await told.over('registryBackDoor', 'contoso', 2);
});

it('tells that a registry is gone, that it was made again, and when that is over', async () => {
  await nextHour(other);
  const { registries } = person.registry;
  await registries.delete(group, other);
  const gone = await told.told('registryRecreated', other);
  expect(gone.severity).toBe('critical');
  expect(gone.drift.differences).toMatchObject([{ what: 'createdAt', found: 'absent' }]);
  const made = await registries.create(group, other, premium);
  const again = await told.told('registryRecreated', other, 2);
  expect(again.drift).toMatchObject({ since: gone.drift.since, cause: 'person' });
  expect(again.drift.differences[0]?.found).toBe(made.creationDate?.toISOString());
  await nextHour(other);
  await told.over('registryRecreated', other);
});

it('warns when a registry is four fifths full, and when there is room again', async () => {
  const { registries, tokens } = person.registry;
  await registries.update(group, other, { sku: { name: 'Basic' } });
  const scopeMapId = (await person.registry.scopeMaps.get(group, other, '_repositories_pull')).id ?? '';
  await Promise.all(
    Array.from({ length: 80 }, (_, number) => tokens.create(group, other, `token-${number}`, { scopeMapId })),
  );
  expect((await nextHour(other)).tokens).toBe(80);
  const { severity, drift } = await told.told('capacityShort', other);
  expect(severity).toBe('warning');
  expect(drift.differences).toEqual([{ what: 'tokens', believed: '100 at most', found: '80 % of that' }]);
  await registries.update(group, other, { sku: { name: 'Standard' } });
  await nextHour(other);
  await told.over('capacityShort', other);
  expect(timesTold('capacityShort', other)).toBe(1);
});

it('sets aside what is no report, with the reason', async () => {
  await requester.messages.sendRaw('registry-activity', { body: 'a secret that nobody should send here' });
  const [rejected] = await requester.messages.takeRejected(1);
  expect(rejected?.applicationProperties).toMatchObject({ rejectionReason: 'notResourceEvent' });
});
