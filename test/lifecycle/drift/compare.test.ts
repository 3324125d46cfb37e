import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scopeMapActions } from '../../../src/contracts/access.ts';
import { type Believed, believedOf } from '../../../src/lifecycle/drift/believed.ts';
import { accountedFor, compare, type Found } from '../../../src/lifecycle/drift/compare.ts';
import type { RegistryToken } from '../../../src/lifecycle/facts.ts';
import type { ManagedState, StateOf } from '../../../src/lifecycle/state.ts';
import { active, at, credential, day, hour, managed, minute, second } from '../build.ts';
import { registryToken } from '../build-facts.ts';

const repositories = { 'teams/web': ['content/read' as const] };
const own = managed({ access: { scopeMap: 'team-web-scope-map', own: true, repositories } });
const actions = scopeMapActions(repositories);

/** Rotated once: both slots hold a password that is to work. */
const rotated = active({
  managed: own,
  generation: 2,
  credentials: {
    password1: credential(0, { supersededAt: at(60 * day) }),
    password2: credential(60 * day, { slot: 'password2', generation: 2, secretVersion: 'version2' }),
  },
  published: 'password2',
});
const now = at(61 * day);

function withStatus(status: 'disabled' | 'expired'): ManagedState {
  return { ...rotated, status, since: now };
}

const revoked: StateOf<'revoked'> = {
  ...rotated,
  status: 'revoked',
  since: now,
  exposureUntil: now,
  removed: false,
  credentials: {},
  published: undefined,
};

function found(state: ManagedState, token: Partial<RegistryToken> = {}, changes: Partial<Found> = {}): Found {
  const { incarnation, generation } = state;
  return {
    token: registryToken(state, token),
    actions,
    secret: { standing: 'present', enabled: true, ours: { incarnation, generation } },
    ...changes,
  };
}

function entries(state: ManagedState, made: Partial<Record<'password1' | 'password2', string | null>>) {
  const { passwords } = registryToken(state);
  return passwords.flatMap((entry) => {
    const createdAt = made[entry.slot];
    if (createdAt === null) return [];
    return [{ ...entry, ...(createdAt === undefined ? {} : { createdAt }) }];
  });
}

function findingsOf(state: ManagedState, seen: Found, at_ = now): string[] {
  const believed = believedOf(state);
  return believed
    ? compare(believed, seen, at_).map(({ finding, severity }) => `${severity} ${finding}`)
    : [];
}

const made = at(60 * day + 5 * hour);

describe('a token is found', () => {
  it.each<[sentence: string, state: ManagedState, found: Found, findings: string[]]>([
    ['as it should be', rotated, found(rotated), []],
    ['as it should be while it is disabled', withStatus('disabled'), found(withStatus('disabled')), []],
    ['as it should be once it is revoked', revoked, found(revoked), []],
    ['disabled', rotated, found(rotated, { enabled: false }), ['critical disabledOutOfBand']],
    ['deleted', rotated, found(rotated, {}, { token: null }), ['critical deletedOutOfBand']],
    [
      'deleted after its end of life',
      withStatus('expired'),
      found(rotated, {}, { token: null }),
      ['warning deletedOutOfBand'],
    ],
    [
      'enabled, although it was disabled',
      withStatus('disabled'),
      found(rotated, { enabled: true }),
      ['critical reEnabledOutOfBand'],
    ],
    [
      'enabled, although it was revoked, whatever else there is',
      revoked,
      found(revoked, { enabled: true, scopeMap: '_repositories_admin', passwords: entries(rotated, {}) }),
      ['critical reEnabledOutOfBand'],
    ],
    [
      'enabled with a password that works, although it expired',
      withStatus('expired'),
      found(withStatus('expired'), { enabled: true }),
      ['critical reEnabledOutOfBand'],
    ],
    [
      'expired with passwords that ran out',
      withStatus('expired'),
      found(withStatus('expired'), {
        enabled: true,
        passwords: entries(rotated, {}).map((entry) => ({ ...entry, expiresAt: at(0) })),
      }),
      [],
    ],
    [
      'bound to another scope map',
      rotated,
      found(rotated, { scopeMap: 'other' }),
      ['warning scopeMapChanged'],
    ],
    ['bound to its map in other letters', rotated, found(rotated, { scopeMap: 'TEAM-WEB-SCOPE-MAP' }), []],
    [
      'with a scope map that grants more',
      rotated,
      found(rotated, {}, { actions: [...actions, 'repositories/*/content/write'] }),
      ['warning scopeMapContentChanged'],
    ],
    [
      'with a scope map that grants the same in another order and case',
      rotated,
      found(rotated, {}, { actions: actions.map((each) => each.toUpperCase()).reverse() }),
      [],
    ],
    [
      'without its scope map',
      rotated,
      found(rotated, {}, { actions: null }),
      ['warning scopeMapContentChanged'],
    ],
    [
      'with a shared map whose content is another',
      active(),
      found(active(), {}, { actions: ['repositories/*/content/read'] }),
      [],
    ],
    [
      'able to do more than its policy allows',
      rotated,
      found(rotated, {}, { outOfPolicy: 'repositories/*/content/write' }),
      ['critical outOfPolicy'],
    ],
    ['without both passwords', rotated, found(rotated, { passwords: [] }), ['critical passwordVanished']],
    [
      'without the published password',
      rotated,
      found(rotated, { passwords: entries(rotated, { password2: null }) }),
      ['critical passwordVanished'],
    ],
    [
      'without the password before',
      rotated,
      found(rotated, { passwords: entries(rotated, { password1: null }) }),
      ['warning passwordVanished'],
    ],
    [
      'with another password in the published slot',
      rotated,
      found(rotated, { passwords: entries(rotated, { password2: made }) }),
      ['critical publishedDead'],
    ],
    [
      'with another password in the slot that is not published',
      rotated,
      found(rotated, { passwords: entries(rotated, { password1: made }) }),
      ['critical unpublishedSlotRegenerated'],
    ],
    [
      'with both passwords made anew',
      rotated,
      found(rotated, { passwords: entries(rotated, { password1: made, password2: made }) }),
      ['critical unpublishedSlotRegenerated', 'critical publishedDead'],
    ],
    [
      'with a password in a slot that never had one',
      active(),
      found(active(), {
        passwords: [...registryToken(active()).passwords, { slot: 'password2', createdAt: made }],
      }),
      ['critical unpublishedSlotRegenerated'],
    ],
    [
      'without its secret',
      rotated,
      found(rotated, {}, { secret: { standing: 'absent' } }),
      ['critical secretMissing'],
    ],
    [
      'with a secret that was deleted',
      withStatus('disabled'),
      found(withStatus('disabled'), {}, { secret: { standing: 'softDeleted' } }),
      ['critical secretMissing'],
    ],
    [
      'with a secret version of somebody else',
      rotated,
      found(rotated, {}, { secret: { standing: 'present', enabled: true } }),
      ['critical secretForeign'],
    ],
    [
      'with its secret version disabled',
      rotated,
      found(
        rotated,
        {},
        { secret: { standing: 'present', enabled: false, ours: { incarnation: 1, generation: 2 } } },
      ),
      ['critical secretDisabled'],
    ],
    [
      'with its secret version disabled while it is disabled itself',
      withStatus('disabled'),
      found(
        withStatus('disabled'),
        {},
        { secret: { standing: 'present', enabled: false, ours: { incarnation: 1, generation: 2 } } },
      ),
      [],
    ],
    [
      'ahead of its record: the vault has the next password already',
      rotated,
      found(
        rotated,
        { passwords: entries(rotated, { password1: made }) },
        { secret: { standing: 'present', enabled: true, ours: { incarnation: 1, generation: 3 } } },
      ),
      [],
    ],
    [
      'disabled, and ahead of its record',
      rotated,
      found(
        rotated,
        { enabled: false },
        { secret: { standing: 'present', enabled: true, ours: { incarnation: 2, generation: 1 } } },
      ),
      ['critical disabledOutOfBand'],
    ],
    ['with nothing that could be read', rotated, {}, []],
  ])('%s', (_sentence, state, seen, findings) => {
    expect(findingsOf(state, seen)).toEqual(findings);
  });

  it('with both passwords gone as one finding, which says so', () => {
    const believed = believedOf(rotated);
    const [wiped] = believed ? compare(believed, found(rotated, { passwords: [] }), now) : [];
    expect(wiped?.differences.map(({ what }) => what)).toEqual(['password1', 'password2', 'passwords']);
  });

  it('without passwords that have run out or were ended, and nothing is missing', () => {
    const ended = active({
      credentials: {
        password1: credential(0, { retiredAt: at(day) }),
        password2: credential(0, { slot: 'password2' }),
      },
      published: 'password2',
    });
    expect(findingsOf(ended, found(ended, { passwords: [] }), at(75 * day))).toEqual([]);
    expect(findingsOf(ended, found(ended, { passwords: [] }), at(2 * day))).toEqual([
      'critical passwordVanished',
    ]);
  });

  it('being made, deleted or removed, and there is nothing to compare it with', () => {
    expect(believedOf({ ...rotated, status: 'deleted', since: now })).toBeUndefined();
    expect(believedOf({ ...revoked, removed: true })).toBeUndefined();
  });
});

describe('a password that nobody knows of', () => {
  const ownWork = { from: at(60 * day), to: at(60 * day + 10 * minute) };
  const worked = active({ ...rotated, ownWork });
  const within = at(60 * day + 5 * minute);
  const mine = found(worked, { passwords: entries(worked, { password1: within }) });

  it('may be our own if it was made while we were at work, and is accounted for', () => {
    expect(findingsOf(worked, mine)).toEqual([]);
    const believed = believedOf(worked);
    expect(believed && accountedFor(believed, mine)).toEqual({ password1: within });
    expect(findingsOf({ ...worked, ownWork: undefined, accounted: { password1: within } }, mine)).toEqual([]);
  });

  it('is not our own if Azure says that others made one then', () => {
    const others = { ...mine, madeByOthers: [at(60 * day + 5 * minute + 10 * second)] };
    expect(findingsOf(worked, others)).toEqual(['critical unpublishedSlotRegenerated']);
    const believed = believedOf(worked);
    expect(believed && accountedFor(believed, others)).toEqual({});
  });

  it('and was made before or after that is found', () => {
    for (const outside of [at(60 * day - second), at(60 * day + 11 * minute)]) {
      const seen = found(worked, { passwords: entries(worked, { password1: outside }) });
      expect(findingsOf(worked, seen)).toEqual(['critical unpublishedSlotRegenerated']);
    }
  });
});

describe('what is believed', () => {
  it('deviates in nothing from itself, whatever the token went through', () => {
    const slot = (name: 'password1' | 'password2') =>
      fc.option(
        fc
          .record({ issued: fc.nat(100), retired: fc.boolean() })
          .map(({ issued, retired }) =>
            credential(issued * day, { slot: name, ...(retired ? { retiredAt: at(issued * day) } : {}) }),
          ),
        { nil: undefined },
      );
    const states = fc
      .record({ password1: slot('password1'), password2: slot('password2'), days: fc.nat(200) })
      .map(({ password1, password2, days }) => ({
        state: active({ managed: own, credentials: { password1, password2 } }),
        time: at(days * day),
      }));
    fc.assert(
      fc.property(states, ({ state, time }) => {
        expect(findingsOf(state, found(state), time)).toEqual([]);
      }),
    );
  });

  it('is the same after it was written into the inventory and read again', () => {
    const believed = believedOf({ ...rotated, ownWork: { from: at(0), to: at(1) } });
    expect(JSON.parse(JSON.stringify(believed)) as Believed).toEqual(believed);
  });
});
