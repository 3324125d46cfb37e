import { describe, expect, it } from 'vitest';
import { decide, neededFacts } from '../../../src/lifecycle/decide.ts';
import type { HealingPolicy } from '../../../src/lifecycle/drift/healing.ts';
import type { StoredObservation } from '../../../src/lifecycle/drift/observation.ts';
import type { RegistryToken } from '../../../src/lifecycle/facts.ts';
import { plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import type { ManagedState } from '../../../src/lifecycle/state.ts';
import { active, at, command, credential, day, hour, managed, minute, second, start } from '../build.ts';
import { type Given, registryToken, situation } from '../build-facts.ts';
import { openFinding } from '../build-findings.ts';

const pipeline = { kind: 'application', name: 'pipeline' } as const;
const observed: StoredObservation = {
  observation: {
    noticedBy: 'report',
    at: start,
    reports: [{ operation: 'tokenWritten', at: start, actor: pipeline, by: 'others' }],
  },
  etag: 'observed-1',
};
const now = at(minute);

function looked(given: Given & { observed?: StoredObservation | undefined; healing?: HealingPolicy }) {
  const { observed: seen, healing, ...rest } = given;
  const all = situation({ now, ...rest });
  const rules = { ...all.facts.rules, ...(healing ? { healing } : {}) };
  return decide({ ...all, facts: { ...all.facts, rules }, observed: seen }).plan;
}

function token(state: ManagedState, changes: Partial<RegistryToken>) {
  return { token: { ok: true, value: registryToken(state, changes) } } as const;
}

const own = managed({
  access: {
    scopeMap: 'team-web-scope-map',
    own: true,
    repositories: { 'teams/web': ['content/read'] },
  },
});

describe('an observation', () => {
  it('leads to a look at the token, its secret and its scope map', () => {
    expect(neededFacts(active(), [], now, observed)).toMatchObject({ world: true, scopeMapActions: true });
    expect(neededFacts(active(), [], now)).toMatchObject({ world: false, scopeMapActions: false });
  });

  it('of a token that is as it should be ends with nothing found', () => {
    expect(looked({ state: active(), observed })).toMatchObject({
      work: { kind: 'observe', findings: {}, seen: 'observed-1' },
      steps: [],
    });
  });

  it('says what is wrong, since when, until when the password works, who did it and what comes next', () => {
    const state = active();
    expect(
      looked({
        state,
        observed,
        facts: token(state, { enabled: false }),
        healing: { disabledOutOfBand: 'restore' },
      }),
    ).toMatchObject({
      work: {
        findings: {
          disabledOutOfBand: {
            severity: 'critical',
            drift: {
              since: now,
              happenedAt: start,
              deadline: start,
              actor: pipeline,
              cause: 'automation',
              noticedBy: 'report',
              done: 'nothing',
              differences: [{ what: 'status', believed: 'enabled', found: 'disabled' }],
              next: { action: 'restore', at: now },
            },
          },
        },
      },
    });
  });

  it('of our own work alone waits for reports on what others may have done just then', () => {
    const own = { operation: 'tokenWritten', at: start, actor: pipeline, by: 'keyturn' } as const;
    const seen = { ...observed, observation: { ...observed.observation, reports: [own] } };
    expect(looked({ state: active(), observed: seen, now: at(second) })).toEqual({
      kind: 'wait',
      wakeAt: at(10 * second),
    });
    expect(looked({ state: active(), observed: seen, now: at(10 * second) })).toMatchObject({
      work: { kind: 'observe' },
    });
    const others = { ...own, by: 'others' } as const;
    const both = { ...observed, observation: { ...observed.observation, reports: [own, others] } };
    expect(looked({ state: active(), observed: both, now: at(second) })).toMatchObject({
      work: { kind: 'observe' },
    });
  });

  it('waits for commands, which may be about the same', () => {
    const state = active();
    const commands = [command('keyturn.token.disable-requested', 0, { reason: 'audit' })];
    expect(looked({ state, observed, commands })).toMatchObject({ work: { kind: 'disable' } });
  });

  it('waits until a token is made', () => {
    const { published: _published, ...rest } = active();
    const pending = command('keyturn.token.requested', 0, {
      owner: 'team-web',
      access: { scopeMap: 'shared-read' },
    });
    const state = {
      ...rest,
      status: 'provisioning' as const,
      since: start,
      command: { ...pending, type: '', source: '', id: '' },
    };
    expect(looked({ state, observed })).toMatchObject({ kind: 'wait' });
  });

  it('of a deleted token is put aside', () => {
    expect(looked({ state: { ...active(), status: 'deleted', since: start }, observed })).toMatchObject({
      work: { kind: 'observe', findings: {}, seen: 'observed-1' },
    });
  });

  it('that cannot be answered since a service is down waits, and is tried again', () => {
    const state = active();
    const facts = { token: { ok: false, code: 'unavailable' } } as const;
    expect(looked({ state, observed, facts })).toMatchObject({
      work: { kind: 'observe' },
      blocked: { code: 'unavailable' },
    });
    const failures = { observe: { since: start, attempts: 1, code: 'unavailable', retryAt: at(hour) } };
    expect(looked({ state: { ...state, failures }, observed })).toEqual({ kind: 'wait', wakeAt: at(hour) });
  });

  it('tells what an own scope map grants beside and beyond', () => {
    const state = active({ managed: own });
    const actions = ['repositories/teams/*/content/write', 'repositories/x/content/read'];
    const plan = looked({ state, observed, facts: { scopeMapActions: { ok: true, value: actions } } });
    expect(plan).toMatchObject({
      work: {
        findings: {
          scopeMapContentChanged: {
            drift: {
              differences: [
                { what: 'actionsAdded', found: actions.join(' ') },
                { what: 'actionsRemoved', believed: 'repositories/teams/web/content/read' },
              ],
            },
          },
        },
      },
    });
  });

  it('keeps what was known of a finding, and adds who did it and when, once that is heard of', () => {
    const state = active({
      findings: openFinding('disabledOutOfBand', {
        since: at(-hour),
        cause: 'unknown',
        deadline: at(-hour),
        differences: [{ what: 'status', believed: 'enabled', found: 'disabled' }],
      }),
      comparedBy: 0,
    });
    const known = {
      since: at(-hour),
      actor: pipeline,
      cause: 'automation',
      happenedAt: start,
      deadline: start,
    };
    expect(looked({ state, observed, facts: token(state, { enabled: false }) })).toMatchObject({
      work: { findings: { disabledOutOfBand: { drift: known } } },
    });
  });
});

describe('findings that are open', () => {
  const state = active({ findings: openFinding('disabledOutOfBand'), comparedBy: 4, plan: 4, settled: 4 });

  it('are not looked at again while nothing is done', () => {
    expect(looked({ state })).toMatchObject({ kind: 'wait' });
  });

  it('are looked at again once something was done to the token', () => {
    expect(looked({ state: { ...state, plan: 5, settled: 5 } })).toMatchObject({
      work: { kind: 'observe', findings: {} },
    });
  });
});

describe('healing', () => {
  const next = (action: 'restore' | 'rotate' | 'disable', when = start) => ({ next: { action, at: when } });
  const rotated = active({
    managed: own,
    credentials: {
      password1: credential(-60 * day),
      password2: credential(0, { slot: 'password2', generation: 2 }),
    },
    generation: 2,
    published: 'password2',
  });
  const theft = [{ slot: 'password1' as const, createdAt: at(-hour) }];
  const grants = { scopeMapActions: { ok: true, value: ['repositories/teams/web/content/read'] } } as const;

  it.each<[sentence: string, ManagedState, Given['facts'], steps: unknown[]]>([
    [
      'enables a token that was disabled',
      active({ findings: openFinding('disabledOutOfBand', next('restore')) }),
      token(active(), { enabled: false }),
      [{ kind: 'setTokenStatus', input: { enabled: true } }],
    ],
    [
      'disables a revoked token that was enabled',
      {
        ...active({ findings: openFinding('reEnabledOutOfBand', next('disable')), credentials: {} }),
        status: 'revoked',
        since: start,
        exposureUntil: start,
        removed: false,
        published: undefined,
      },
      token(active(), { enabled: true }),
      [{ kind: 'setTokenStatus', input: { enabled: false } }],
    ],
    [
      'makes a deleted token again, with its scope map and a new password',
      active({ managed: own, findings: openFinding('deletedOutOfBand', next('restore')) }),
      { token: { ok: true, value: null } },
      [
        { kind: 'ensureScopeMap' },
        { kind: 'createToken' },
        { kind: 'issueCredential', input: { generation: 2, mayCutShort: true } },
      ],
    ],
    [
      'binds a token to its scope map again',
      active({ managed: own, findings: openFinding('scopeMapChanged', next('restore')) }),
      token(active(), { scopeMap: 'other' }),
      [{ kind: 'ensureScopeMap' }, { kind: 'bindScopeMap', input: { scopeMap: 'team-web-scope-map' } }],
    ],
    [
      'gives the own scope map its grants back',
      active({ managed: own, findings: openFinding('scopeMapContentChanged', next('restore')) }),
      { scopeMapActions: { ok: true, value: ['repositories/*/content/read'] } },
      [{ kind: 'ensureScopeMap' }],
    ],
    [
      'replaces a published password that is dead',
      active({ findings: openFinding('publishedDead', next('rotate')) }),
      token(active(), { passwords: [{ slot: 'password1', createdAt: at(hour) }] }),
      [{ kind: 'issueCredential', input: { generation: 2 } }],
    ],
    [
      'ends a password that somebody made in the other slot',
      { ...rotated, findings: openFinding('unpublishedSlotRegenerated', next('restore')) },
      {
        ...token(rotated, { passwords: [...theft, ...registryToken(rotated).passwords.slice(1)] }),
        ...grants,
      },
      [{ kind: 'retireSlot', input: { slot: 'password1', slotCreatedAt: at(-hour) } }],
    ],
    [
      'brings a deleted secret back, and writes a new password over it',
      active({ findings: openFinding('secretMissing', next('rotate')) }),
      { secret: { ok: true, value: { ...secret('softDeleted') } } },
      [{ kind: 'recoverSecret' }, { kind: 'issueCredential' }],
    ],
    [
      'switches the secret version on again',
      active({ findings: openFinding('secretDisabled', next('restore')) }),
      {
        secret: {
          ok: true,
          value: {
            ...secret('present'),
            versions: secret('present').versions.map((version) => ({ ...version, enabled: false })),
          },
        },
      },
      [{ kind: 'setSecretVersion', input: { enabled: true } }],
    ],
  ])('%s', (_sentence, state, facts, steps) => {
    const plan = looked({ state, facts: { ...facts } });
    expect(plan).toMatchObject({ work: { kind: 'heal' }, steps });
  });

  it('waits for its time, and the lifecycle wakes then', () => {
    const state = active({ findings: openFinding('disabledOutOfBand', next('restore', at(hour))) });
    expect(looked({ state })).toEqual({ kind: 'wait', wakeAt: at(hour) });
  });

  it('looks again first, since what was found may be gone', () => {
    const state = active({ findings: openFinding('disabledOutOfBand', next('restore')) });
    expect(looked({ state })).toMatchObject({ work: { kind: 'observe', findings: {} }, steps: [] });
  });

  it('is not done where too many tokens of the registry show the same', () => {
    const state = active({ findings: openFinding('disabledOutOfBand', next('restore')) });
    const plan = looked({ state, facts: { ...token(state, { enabled: false }), isMassDrift: true } });
    expect(plan).toMatchObject({
      work: {
        kind: 'observe',
        massDrift: 'disabledOutOfBand',
        findings: { disabledOutOfBand: { drift: { code: 'massDrift' } } },
      },
      steps: [],
    });
    expect(plan).toMatchObject({
      work: { findings: { disabledOutOfBand: { drift: { next: { at: plus(now, hour) } } } } },
    });
    expect(neededFacts(state, [], now)).toMatchObject({ healing: 'disabledOutOfBand', world: true });
  });

  it('goes behind commands', () => {
    const state = active({ findings: openFinding('disabledOutOfBand', next('restore')) });
    const commands = [command('keyturn.token.disable-requested', 0, { reason: 'audit' })];
    expect(looked({ state, commands, facts: token(state, { enabled: false }) })).toMatchObject({
      work: { kind: 'disable' },
    });
  });
});

function secret(standing: 'present' | 'softDeleted') {
  const { facts } = situation({ state: active() });
  if (!facts.secret?.ok) throw new Error('There is no secret.');
  return { ...facts.secret.value, standing };
}
