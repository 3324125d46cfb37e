import { describe, expect, it } from 'vitest';
import { decide, neededFacts } from '../../../src/lifecycle/decide.ts';
import { newState, type TokenState } from '../../../src/lifecycle/state.ts';
import { active, at, command, day, hour, identity, minute, second, start } from '../build.ts';
import { situation } from '../build-facts.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

const request = command('keyturn.token.requested', second, {
  owner: 'team-web',
  access: { scopeMap: 'shared-read' },
});
const change = command('keyturn.token.access-changed', minute, { access: { scopeMap: 'other-map' } });
const secondChange = command('keyturn.token.access-changed', 2 * minute, {
  access: { scopeMap: 'third-map' },
});
const rotation = command('keyturn.token.rotation-requested', 3 * minute, { compromised: true });
const enable = command('keyturn.token.enable-requested', 4 * minute, { reason: 'go on' });
const disable = command('keyturn.token.disable-requested', 5 * minute, { reason: 'pause' });
const remove = command('keyturn.token.deletion-requested', 6 * minute, { reason: 'done' });
const revoke = command('keyturn.token.revocation-requested', 7 * minute, { reason: 'leaked' });

/** The failures of commands that are tried again in an hour. */
function failing(...commands: readonly { readonly key: string }[]): Pick<TokenState, 'failures'> {
  const failure = { since: start, attempts: 1, code: 'unavailable', retryAt: at(hour) };
  return { failures: Object.fromEntries(commands.map(({ key }) => [key, failure])) };
}

const turns: Table = {
  'come in the order of the broker, whatever the order of the rows': {
    state: active(),
    commands: [rotation, secondChange, change],
    expect: { work: { kind: 'converge', command: { key: change.key } }, steps: ['bindScopeMap'] },
  },
  'come first to revocations': {
    state: active(),
    commands: [change, disable, revoke],
    expect: { work: { kind: 'revoke' }, steps: ['revoke'] },
  },
  'pass a command that waits for its next try, but not to another about the same side': {
    state: active(failing(change)),
    commands: [change, secondChange, rotation],
    expect: { work: { kind: 'rotate', command: { key: rotation.key } }, steps: ['issueCredential'] },
  },
  'come back to it when its time has come': {
    state: active(failing(change)),
    commands: [change, secondChange],
    now: at(hour),
    expect: { work: { kind: 'converge', command: { key: change.key } }, steps: ['bindScopeMap'] },
  },
  'wait behind a request that is not yet carried out': {
    state: inStatus('provisioning', failing(request)),
    commands: [request, change, rotation, enable],
    expect: { waitUntil: at(hour) },
  },
  'never wait for disabling': {
    state: inStatus('provisioning', failing(request)),
    commands: [request, disable],
    expect: { work: { kind: 'disable' }, steps: ['setTokenStatus', 'setSecretVersion'] },
  },
  'never wait for deleting': {
    state: inStatus('provisioning', failing(request)),
    commands: [request, remove],
    expect: { work: { kind: 'delete' }, steps: ['deleteToken', 'deleteSecret'] },
  },
  'wait behind a deletion that failed': {
    state: active(failing(remove)),
    commands: [remove, { ...request, enqueuedAt: at(8 * minute) }],
    expect: { waitUntil: at(hour) },
  },
  'wait behind a reinstatement that failed': {
    state: inStatus('revoked', failing(revoke)),
    commands: [
      {
        ...revoke,
        command: command('keyturn.token.reinstatement-requested', 0, { reason: 'found' }).command,
      },
      { ...rotation, enqueuedAt: at(8 * minute) },
    ],
    expect: { waitUntil: at(hour) },
  },
  'come to what time has brought when no command is left': {
    state: active(failing(change)),
    commands: [change],
    now: at(75 * day),
    expect: { work: { kind: 'converge' }, steps: ['bindScopeMap'] },
  },
  'wait until it is known whether a lost record is to be written again': {
    state: {
      ...newState(identity),
      failures: { readLostRecord: { since: start, attempts: 1, code: 'unavailable', retryAt: at(minute) } },
    },
    commands: [request],
    expect: { waitUntil: at(minute) },
  },
};

describe('turns', () => {
  it.each(Object.entries(turns))('%s', (_sentence, row) => check(row));
});

describe('a command about a name that holds no token', () => {
  it('is refused, and stops requests that were sent before it, if it would have ended the token', () => {
    for (const ending of [remove, disable, revoke]) {
      check({
        state: newState(identity),
        commands: [ending],
        expect: { work: { kind: 'deny', rule: 'noSuchToken', marksExistence: true } },
      });
    }
    const { plan } = decide(situation({ state: newState(identity), commands: [enable] }));
    expect(plan).toMatchObject({ work: { kind: 'deny', rule: 'noSuchToken' } });
    expect(plan).not.toHaveProperty('work.marksExistence');
  });

  it('stops a request only if it was allowed but for that', () => {
    const judgements = { [remove.key]: { verdict: 'denied' as const, rule: 'tokenNameNotAllowed' } };
    const { plan } = decide(
      situation({ state: newState(identity), commands: [remove], facts: { judgements } }),
    );
    expect(plan).not.toHaveProperty('work.marksExistence');
  });
});

describe('the record', () => {
  it('has the number of the plan and who looks after it, before the first step', () => {
    const { plan, state } = decide(situation({ state: active({ plan: 6, settled: 6 }), commands: [change] }));
    expect(plan).toMatchObject({ kind: 'work', number: 7, plannedAt: start });
    expect(state).toMatchObject({ plan: 7, settled: 6, lookAt: at(15 * minute) });
  });

  it('says that a token is being made before it is, and who asked for it', () => {
    const { state } = decide(situation({ state: newState(identity), commands: [request] }));
    expect(state).toMatchObject({
      status: 'provisioning',
      incarnation: 1,
      generation: 0,
      command: { key: request.key },
    });
  });

  it('says that a token is being revoked before it is', () => {
    const { state } = decide(situation({ state: active(), commands: [revoke] }));
    expect(state).toMatchObject({
      status: 'active',
      revocation: { command: { key: revoke.key }, attempts: 0 },
    });
  });

  it('promises when the lifecycle will look again, and is not written where it says so already', () => {
    const first = decide(situation({ state: active() }));
    const wakeAt = first.plan.kind === 'wait' ? first.plan.wakeAt : undefined;
    expect(wakeAt).toBeDefined();
    expect(first.state).toEqual({ ...active(), lookAt: wakeAt });
    expect(decide(situation({ state: first.state })).state).toBe(first.state);
  });

  it('promises nothing for a deleted token', () => {
    const { plan, state } = decide(situation({ state: inStatus('deleted', { lookAt: at(hour) }) }));
    expect(plan).toEqual({ kind: 'wait' });
    expect(state.lookAt).toBeUndefined();
  });
});

describe('what has to be read', () => {
  const nothing = { world: false, scopeMapActions: false, judgements: [] };

  it('is nothing while a lifecycle has nothing to do', () => {
    expect(neededFacts(active(), [], at(20 * day))).toEqual(nothing);
    expect(neededFacts(active(failing(change)), [change], at(minute))).toEqual(nothing);
  });

  it('is the world and the policy for a command', () => {
    expect(neededFacts(active(), [rotation, change], start)).toEqual({
      ...nothing,
      world: true,
      judgements: [change.key],
    });
  });

  it('is only the policy for what ends things', () => {
    for (const ending of [disable, remove, revoke]) {
      expect(neededFacts(active(), [ending], start)).toEqual({ ...nothing, judgements: [ending.key] });
    }
  });

  it('is nothing for going on with a revocation', () => {
    const revocation = { command: inStatus('provisioning').command, since: start, attempts: 1, ended: false };
    expect(neededFacts(active({ revocation }), [change], start)).toEqual(nothing);
  });

  it('is the world for a rotation that is due, and not for what is only told', () => {
    expect(neededFacts(active(), [], at(60 * day))).toEqual({ ...nothing, world: true });
    const { failures } = active({
      failures: { rotate: { since: start, attempts: 1, code: 'unavailable', retryAt: at(99 * day) } },
    });
    expect(neededFacts(active({ failures }), [], at(73 * day))).toEqual(nothing);
  });

  it('is everything for a name without a record, once in a while', () => {
    const state = newState(identity);
    expect(neededFacts(state, [], start)).toEqual({ ...nothing, world: true, scopeMapActions: true });
    const failures = {
      readLostRecord: { since: start, attempts: 1, code: 'unavailable', retryAt: at(minute) },
    };
    expect(neededFacts({ ...state, failures }, [request], start)).toEqual(nothing);
  });
});
