import { describe, expect, it } from 'vitest';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { compareRegistries, goOnWatching, type LookedAfter } from '../../src/reconcile/compare-registries.ts';
import type { WatchPorts } from '../../src/watch/watch-ports.ts';
import { hour, minute } from '../lifecycle/build.ts';
import { grants, Stopped, WatchSetting } from './watch-setting.ts';

/** A registry with three tokens, all as they should be. */
function setting(registry: Readonly<Record<string, unknown>> = {}): WatchSetting {
  const made = new WatchSetting(registry);
  for (const token of ['team-a', 'team-b', 'team-c']) made.add(token);
  return made;
}

async function all(looked: AsyncIterable<LookedAfter>): Promise<LookedAfter[]> {
  const results: LookedAfter[] = [];
  for await (const each of looked) results.push(each);
  return results;
}

const hourly = (made: WatchSetting, ports: WatchPorts = made.ports()) =>
  all(compareRegistries(made.now, ports));
const everyFiveMinutes = (made: WatchSetting, ports: WatchPorts = made.ports()) => all(goOnWatching(ports));
const gateOn = (call: string, act: () => void) => async (asked: string) => {
  if (asked === call) act();
};

describe('a registry that is as it should be', () => {
  it('wakes nobody, tells nothing and reads no single token, secret or record', async () => {
    const made = setting();
    const asked: string[] = [];
    const ports = made.ports(async (call) => void asked.push(call));
    const [compared] = await hourly(made, ports);
    expect(compared).toMatchObject({ result: 'compared', tokens: 3, deviating: 0, woken: 0, unmanaged: 0 });
    expect([made.woken, made.observed(), made.told()]).toEqual([[], [], []]);
    const read = asked.filter(
      (call) => !call.endsWith('done') && !/^(notes|registryFindings|findings)/.test(call),
    );
    expect(read).toEqual([
      'registry.readRegistry',
      'inventory.listAll',
      'registry.listScopeMaps',
      'vault.listSecrets',
      'registry.listTokens',
    ]);
  });

  it('has the same said of it at each comparison', async () => {
    const made = setting();
    await hourly(made);
    made.cloud.clock.time += hour;
    expect(await hourly(made)).toMatchObject([{ result: 'compared', deviating: 0 }]);
  });
});

describe('a token that is not as it is believed to be', () => {
  it.each<[string, (made: WatchSetting) => void]>([
    [
      'is disabled',
      ({ cloud }) => Object.assign(cloud.registry.tokens.get('team-b') ?? {}, { enabled: false }),
    ],
    ['is gone', ({ cloud }) => cloud.registry.tokens.delete('team-b')],
    [
      'is bound elsewhere',
      ({ cloud }) => Object.assign(cloud.registry.tokens.get('team-b') ?? {}, { scopeMap: 'x' }),
    ],
    ['has lost its password', ({ cloud }) => cloud.registry.tokens.get('team-b')?.passwords.clear()],
    ['has another password', ({ cloud }) => cloud.registry.regenerate('team-b', 'password2')],
    ['has a new published password', ({ cloud }) => cloud.registry.regenerate('team-b', 'password1')],
    ['has no secret', ({ cloud }) => cloud.vault.secrets.delete('acr-contoso--team-b')],
    [
      'has a secret of others',
      ({ cloud }) => foreign(cloud.vault.secrets.get('acr-contoso--team-b')?.versions),
    ],
    [
      'has a disabled secret',
      ({ cloud }) => disabled(cloud.vault.secrets.get('acr-contoso--team-b')?.versions),
    ],
  ])('is looked at: it %s', async (_what, change) => {
    const made = setting();
    change(made);
    const [compared] = await hourly(made);
    expect(compared).toMatchObject({ deviating: 1, woken: 1 });
    expect([made.woken, made.observed()]).toEqual([['team-b'], ['team-b']]);
  });

  it('is looked at when its own scope map grants something else, or something that the policy does not allow', async () => {
    const made = new WatchSetting();
    const actions = ['repositories/team/web/content/read'];
    const access = {
      scopeMap: 'team-a-scope-map',
      own: true,
      repositories: { 'team/web': ['content/read' as const] },
    };
    const { managed } = made.add('team-a');
    made.add('team-a', { managed: { ...managed, access } });
    made.cloud.registry.scopeMaps.set(access.scopeMap, {
      name: access.scopeMap,
      description: '',
      system: false,
      actions,
    });
    expect(await hourly(made)).toMatchObject([{ deviating: 0 }]);
    expect(grants(...actions)).toBe(made.cloud.inventory.rows.get('contoso/team-a')?.row.believed?.grants);
    await made.cloud.registry.setScopeMapActions(access.scopeMap, ['repositories/*/content/delete']);
    expect(await hourly(made)).toMatchObject([{ deviating: 1, woken: 1 }]);
  });

  it('is left alone when that is known of it, and looked at again when it shows more', async () => {
    const made = setting();
    Object.assign(made.cloud.registry.tokens.get('team-b') ?? {}, { enabled: false });
    known(made, 'team-b', 'disabledOutOfBand');
    expect(await hourly(made)).toMatchObject([{ deviating: 0, woken: 0 }]);
    made.cloud.vault.secrets.delete('acr-contoso--team-b');
    expect(await hourly(made)).toMatchObject([{ deviating: 1, woken: 1 }]);
  });

  it('is looked at when what is known of it is over', async () => {
    const made = setting();
    known(made, 'team-b', 'disabledOutOfBand');
    expect(await hourly(made)).toMatchObject([{ deviating: 1, woken: 1 }]);
  });

  it('is believed by its record, if the inventory is out of date', async () => {
    const made = setting();
    const row = made.cloud.inventory.rows.get('contoso/team-b');
    made.cloud.registry.regenerate('team-b', 'password1');
    const createdAt = made.cloud.registry.tokens.get('team-b')?.passwords.get('password1')?.createdAt ?? '';
    const state = (
      await made.cloud.records.readState({ ...made.registry, registry: 'contoso', token: 'team-b' })
    )?.state;
    if (state?.status !== 'active' || !state.credentials.password1 || !row)
      throw new Error('There is no state.');
    const password1 = { ...state.credentials.password1, slotCreatedAt: createdAt };
    made.put({ ...state, credentials: { password1 } });
    made.cloud.inventory.rows.set('contoso/team-b', row);
    expect(await hourly(made)).toMatchObject([{ deviating: 1, woken: 0 }]);
    expect([made.woken, made.observed()]).toEqual([[], []]);
  });

  it('is noted, and its lifecycle not woken, while that is at work', async () => {
    const made = setting();
    made.cloud.registry.tokens.delete('team-b');
    const state = made.add('team-b', { plan: 4, settled: 3 });
    made.cloud.registry.tokens.delete(state.identity.token);
    expect(await hourly(made)).toMatchObject([{ deviating: 1, woken: 0 }]);
    expect([made.woken, made.observed()]).toEqual([[], ['team-b']]);
  });
});

describe('what cannot be read', () => {
  it('of a vault keeps nothing else from being compared', async () => {
    const made = setting();
    made.cloud.registry.tokens.delete('team-b');
    made.cloud.vault.secrets.clear();
    const ports = made.ports(
      gateOn('vault.listSecrets', () => {
        throw new ServiceFailure({ service: 'vault', operation: 'listSecrets', code: 'accessDenied' });
      }),
    );
    expect(await hourly(made, ports)).toMatchObject([
      { deviating: 1, woken: 1, unread: [{ vault: 'team-vault', what: 'vault listSecrets: accessDenied' }] },
    ]);
    expect(made.woken).toEqual(['team-b']);
  });

  it('of a registry is tried again within minutes', async () => {
    const made = setting();
    made.cloud.registry.tokens.delete('team-b');
    const ports = made.ports(
      gateOn('registry.listTokens', () => {
        throw new ServiceFailure({ service: 'registry', operation: 'listTokens', code: 'throttled' });
      }),
    );
    expect(await hourly(made, ports)).toMatchObject([{ result: 'failed', registry: 'contoso' }]);
    expect(await everyFiveMinutes(made)).toMatchObject([{ result: 'compared', woken: 1 }]);
    expect(await everyFiveMinutes(made)).toEqual([]);
  });
});

describe('a comparison that runs out of time', () => {
  it('is gone on with where it stopped', async () => {
    const made = new WatchSetting();
    const names = Array.from({ length: 40 }, (_, index) => `team-${String(index).padStart(2, '0')}`);
    for (const token of names) {
      made.add(token);
      made.cloud.registry.tokens.delete(token);
    }
    const slow = made.ports(
      gateOn('lifecycles.wake', () => {
        made.cloud.clock.time += minute / 2;
      }),
    );
    expect(await hourly(made, slow)).toEqual([]);
    const first = made.woken.length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(names.length);
    made.cloud.clock.time += 5 * minute;
    expect(await everyFiveMinutes(made)).toMatchObject([{ result: 'compared', woken: names.length - first }]);
    expect([...made.woken].sort()).toEqual(names);
  });
});

it('who is frozen in a comparison for longer than a turn leaves the rest to who took over, and tells nothing twice', async () => {
  const made = setting();
  made.cloud.registry.tokens.delete('team-b');
  made.addUnmanaged('stray', 'shared-read');
  let others: LookedAfter[] = [];
  const frozen = made.ports(async (call) => {
    if (call !== 'registry.listTokens' || others.length > 0) return;
    made.cloud.clock.time += 5 * minute;
    others = await everyFiveMinutes(made);
  });
  expect(await hourly(made, frozen)).toEqual([]);
  expect(others).toMatchObject([{ result: 'compared', woken: 1, unmanaged: 1 }]);
  expect([made.woken, made.told()]).toEqual([['team-b'], ['unmanagedToken stray']]);
});

describe('tokens that nobody manages', () => {
  it('are told once, by what they can do, and when they are gone', async () => {
    const made = setting();
    made.addUnmanaged('stray', 'shared-read');
    await hourly(made);
    await hourly(made);
    made.cloud.registry.tokens.delete('stray');
    await hourly(made);
    expect(made.told()).toEqual(['unmanagedToken stray', 'the end of unmanagedToken stray']);
  });

  it('are not those that a record already knows, that are ignored, or that belong to a connected registry', async () => {
    const made = setting({ ignoredTokens: ['legacy-*'] });
    made.addUnmanaged('LEGACY-build', 'shared-read');
    made.addUnmanaged('sync-token', 'sync');
    const actions = ['gateway/branch/config/read', 'repositories/*/content/write'];
    made.cloud.registry.scopeMaps.set('sync', { name: 'sync', description: '', system: false, actions });
    made.cloud.inventory.rows.delete('contoso/team-a');
    expect(await hourly(made)).toMatchObject([{ unmanaged: 0 }]);
    expect(made.told()).toEqual([]);
  });
});

it('whoever is stopped at any call, and whatever was done by then: all is noticed, and each event told', async () => {
  const broken = () => {
    const made = setting();
    made.cloud.registry.tokens.delete('team-b');
    made.addUnmanaged('stray', 'shared-read');
    made.cloud.registry.facts = made.cloud.registry.facts && { ...made.cloud.registry.facts, sku: 'Basic' };
    for (let number = 0; number < 80; number += 1) made.addUnmanaged(`many-${number}`, 'shared-read');
    return made;
  };
  const whole = broken();
  let calls = 0;
  const counting = whole.ports(async () => {
    calls += 1;
  });
  await hourly(whole, counting);
  expect(calls).toBeGreaterThan(100);
  const step = Math.ceil(calls / 60);
  for (let last = 0; last < calls; last += step) {
    const made = broken();
    let asked = 0;
    const stopped = made.ports(async () => {
      asked += 1;
      if (asked > last) throw new Stopped();
    });
    await hourly(made, stopped).catch((error) => expect(error).toBeInstanceOf(Stopped));
    made.cloud.clock.time += 5 * minute;
    await everyFiveMinutes(made);
    if (made.woken.length === 0) await hourly(made);
    expect(new Set(made.woken)).toEqual(new Set(['team-b']));
    expect(new Set(made.told())).toEqual(new Set(whole.told()));
    expect(made.told()).toHaveLength(whole.told().length);
  }
});

function foreign(versions: { tags: Readonly<Record<string, string>> }[] = []): void {
  for (const version of versions) version.tags = { owner: 'somebody else' };
}

function disabled(versions: { enabled: boolean }[] = []): void {
  for (const version of versions) version.enabled = false;
}

/** As if the token's lifecycle had looked at it. */
function known(made: WatchSetting, token: string, finding: 'disabledOutOfBand'): void {
  const drift = {
    finding,
    since: made.now,
    differences: [],
    cause: 'unknown' as const,
    evidence: [],
    noticedBy: 'reconcile' as const,
    done: 'nothing' as const,
  };
  const { enabled } = made.cloud.registry.tokens.get(token) ?? { enabled: true };
  made.add(token, { findings: { [finding]: { severity: 'critical', drift } } });
  Object.assign(made.cloud.registry.tokens.get(token) ?? {}, { enabled });
}
