import { describe, expect, it } from 'vitest';
import type { ReportedChange } from '../../src/lifecycle/drift/observation.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import type { RegistryFacts } from '../../src/ports/token-registry.ts';
import { capacityStep } from '../../src/watch/check-capacity.ts';
import { checkRegistry } from '../../src/watch/check-registry.ts';
import { checkReports, noteReports, reportGrace } from '../../src/watch/heard-reports.ts';
import { tellUntold } from '../../src/watch/raise-finding.ts';
import { registryAttribution } from '../../src/watch/registry-attribution.ts';
import { judgeUnmanaged } from '../../src/watch/unmanaged-token.ts';
import { at, hour, minute } from '../lifecycle/build.ts';
import { WatchSetting } from './watch-setting.ts';

const person = { kind: 'user' as const, name: 'ada.bauer@contoso.example' };
const report = (operation: string, changes: Partial<ReportedChange> = {}): ReportedChange => ({
  operation,
  at: at(0),
  actor: person,
  by: 'others',
  ...changes,
});

/** Looks at the registry as it says it is now. */
async function look(setting: WatchSetting, facts: Partial<RegistryFacts> = {}, ...reports: ReportedChange[]) {
  const { registry } = setting.cloud;
  registry.facts = registry.facts && { ...registry.facts, ...facts };
  setting.cloud.clock.time += minute;
  const seen = { noticedBy: 'report' as const, reports, now: setting.now };
  return checkRegistry(setting.registry, seen, setting.ports());
}

function differencesOf(setting: WatchSetting): string[][] {
  return setting.cloud.events.map(({ data }) =>
    'drift' in data && data.drift
      ? data.drift.differences.map(({ what, found }) => `${what} ${found}`)
      : ['over'],
  );
}

describe('a way into a registry past its tokens', () => {
  it('is told, told again when there are more, and over when there are none', async () => {
    const setting = new WatchSetting();
    await look(setting);
    await look(setting, { adminUserEnabled: true });
    await look(setting);
    await look(setting, { anonymousPullEnabled: true });
    await look(setting, { adminUserEnabled: false, anonymousPullEnabled: false });
    await look(setting);
    expect(differencesOf(setting)).toEqual([
      ['adminUser on'],
      ['adminUser on', 'anonymousPull on'],
      ['over'],
    ]);
    expect(setting.registryFindings.open()).toEqual([]);
  });

  it('stays open for who has read the admin passwords, as long as the admin user is on', async () => {
    const setting = new WatchSetting();
    await look(setting, { adminUserEnabled: true }, report('adminCredentialsListed'));
    await look(setting, {}, report('registryWritten'));
    expect(differencesOf(setting)).toEqual([['adminUser on', 'adminPasswords listed']]);
    await look(setting, { adminUserEnabled: false });
    await look(setting, { adminUserEnabled: true });
    expect(differencesOf(setting).slice(1)).toEqual([['over'], ['adminUser on']]);
  });

  it('is none where it is accepted', async () => {
    const setting = new WatchSetting({ accepted: ['adminUser', 'anonymousPull', 'publicNetwork'] });
    await look(setting, { publicNetworkAccess: false });
    const open = { publicNetworkAccess: true, adminUserEnabled: true, anonymousPullEnabled: true };
    await look(setting, open, report('adminCredentialsListed'));
    expect(setting.told()).toEqual([]);
  });

  it('is a network that is wider than when the registry was seen first, as a warning', async () => {
    const setting = new WatchSetting();
    await look(setting, { publicNetworkAccess: false, allowedByDefault: false });
    await look(setting, { publicNetworkAccess: true, allowedByDefault: true });
    expect(differencesOf(setting)).toEqual([['publicNetworkAccess on', 'networkDefault allow']]);
    expect(setting.cloud.events[0]?.severity).toBe('warning');
  });
});

describe('a registry that is not the one that was there', () => {
  it('is told when it is gone, and again when there is another one', async () => {
    const setting = new WatchSetting();
    await look(setting);
    const { facts } = setting.cloud.registry;
    setting.cloud.registry.facts = undefined;
    expect(await look(setting)).toBeNull();
    expect(await look(setting)).toBeNull();
    setting.cloud.registry.facts = facts && { ...facts, createdAt: at(hour) };
    await look(setting);
    await look(setting);
    expect(differencesOf(setting)).toEqual([['createdAt absent'], [`createdAt ${at(hour)}`]]);
  });

  it('is none where the configuration names one that never was', async () => {
    const setting = new WatchSetting();
    setting.cloud.registry.facts = undefined;
    expect(await look(setting)).toBeNull();
    expect(setting.told()).toEqual([]);
  });
});

describe('what could not be told', () => {
  const down = (setting: WatchSetting) =>
    setting.ports(async (call) => {
      if (call === 'events.publish')
        throw new ServiceFailure({ service: 'serviceBus', operation: 'publish', code: 'unavailable' });
    });
  const seen = (setting: WatchSetting) => ({ noticedBy: 'report' as const, reports: [], now: setting.now });

  it('is told later, with the same id if it was told after all', async () => {
    const setting = new WatchSetting();
    await look(setting);
    const { facts } = setting.cloud.registry;
    setting.cloud.registry.facts = facts && { ...facts, adminUserEnabled: true };
    await expect(checkRegistry(setting.registry, seen(setting), down(setting))).rejects.toThrow(
      'unavailable',
    );
    expect(setting.told()).toEqual([]);
    expect(await tellUntold('contoso', setting.ports())).toBe(1);
    expect(await tellUntold('contoso', setting.ports())).toBe(0);
    expect(setting.told()).toEqual(['registryBackDoor']);
  });

  it('is told before what comes after it, also that it is over', async () => {
    const setting = new WatchSetting();
    await look(setting);
    const { facts } = setting.cloud.registry;
    setting.cloud.registry.facts = facts && { ...facts, adminUserEnabled: true };
    await expect(checkRegistry(setting.registry, seen(setting), down(setting))).rejects.toThrow(
      'unavailable',
    );
    await look(setting, { adminUserEnabled: false });
    expect(setting.told()).toEqual(['registryBackDoor', 'the end of registryBackDoor']);
    expect(setting.registryFindings.rows.size).toBe(0);
  });
});

describe("Azure's reports", () => {
  const check = (setting: WatchSetting, newestWrite: string | undefined) => {
    const seen = { noticedBy: 'reconcile' as const, reports: [], now: setting.now };
    return checkReports(setting.registry, newestWrite, seen, setting.ports());
  };

  it('are missing when none came since a write of our own, and not any more when one comes', async () => {
    const setting = new WatchSetting();
    await check(setting, at(hour));
    expect(setting.told()).toEqual(['eventsMissing']);
    await check(setting, at(hour));
    await noteReports(setting.registry, at(2 * hour), setting.now, setting.ports());
    expect(setting.told()).toEqual(['eventsMissing', 'the end of eventsMissing']);
    await check(setting, at(2 * hour + minute));
    expect(setting.told()).toHaveLength(2);
  });

  it('are not said to be missing where nothing was written, or only just', async () => {
    const setting = new WatchSetting();
    setting.notes.notes.clear();
    await check(setting, undefined);
    expect([setting.told(), reportGrace]).toEqual([[], 30 * minute]);
  });

  it('are written down at most once a minute', async () => {
    const setting = new WatchSetting();
    const writes: string[] = [];
    const ports = setting.ports(async (call) => void writes.push(call));
    for (const second of [0, 10, 59, 61, 90])
      await noteReports(setting.registry, at(hour + second * 1_000), setting.now, ports);
    expect(writes.filter((call) => call === 'notes.writeNote')).toHaveLength(2);
  });
});

it.each([
  [79, 'Basic', undefined],
  [80, 'Basic', { step: 80, limit: 100 }],
  [99, 'basic', { step: 95, limit: 100 }],
  [450, 'Standard', { step: 90, limit: 500 }],
  [500, 'Standard', { step: 100, limit: 500 }],
  [39_999, 'Premium', undefined],
  [40_000, 'Premium', { step: 80, limit: 50_000 }],
  [40_000, 'Unheard-of', undefined],
])('%i tokens in the tier %s: %j', (tokens, sku, step) => {
  expect(capacityStep(tokens, sku)).toEqual(step);
});

it.each([
  [undefined, 'warning'],
  [{ system: false, gateway: false }, 'warning'],
  [{ system: false, gateway: false, writes: 'repositories/a/content/delete' }, 'critical'],
  [{ system: true, gateway: false }, 'critical'],
] as const)('an unmanaged token whose scope map is %j: %s', (granted, severity) => {
  const map = granted && { name: 'some-map', ...granted };
  expect(judgeUnmanaged('some-map', map).severity).toBe(severity);
});

it.each([
  [
    'the last one by others',
    [report('registryWritten', { at: at(1) }), report('registryWritten', { by: 'keyturn', at: at(2) })],
    'person',
  ],
  ['an application', [report('registryWritten', { actor: { kind: 'application' } })], 'automation'],
  ['somebody', [report('registryWritten', { actor: { kind: 'unknown' }, by: 'unknown' })], 'unknown'],
  ['nobody but us', [report('registryWritten', { by: 'keyturn' })], 'unknown'],
] as const)('who it was, by reports on %s: %s', (_whom, reports, cause) => {
  expect(registryAttribution(reports).cause).toBe(cause);
});
