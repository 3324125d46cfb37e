import { describe, expect, it } from 'vitest';
import type { OrchestratorResult } from '../../../../infra/local/functions-host/durable/episode/orchestrator-result.ts';
import { orchestratorState } from '../../../../infra/local/functions-host/durable/walk/orchestrator-action.ts';
import { walk } from '../../../../infra/local/functions-host/durable/walk/walk.ts';
import { defaultWalkLimits } from '../../../../infra/local/functions-host/durable/walk/walk-settings.ts';
import { shortDecisions, shortHistory } from './support/short-history.ts';

/** The walk by itself: a history and what the orchestrator returned for it, and the new work that comes of them. */

const activity = (functionName: string) => ({ actionType: 0, functionName, input: {} });
const retrying = (functionName: string, attempts: number, options: object = {}) => ({
  actionType: 1,
  functionName,
  retryOptions: { firstRetryIntervalInMilliseconds: 1000, maxNumberOfAttempts: attempts, ...options },
});
const child = (functionName: string, instanceId?: string) => ({ actionType: 2, functionName, instanceId });
const again = { actionType: 4, input: { next: true } };
const timer = (second: number, isCanceled = false) => ({
  actionType: 5,
  fireAt: new Date(second * 1000).toISOString(),
  isCanceled,
});
const event = (externalEventName: string) => ({ actionType: 6, externalEventName });
const any = (...compoundActions: object[]) => ({ actionType: 11, compoundActions });
const all = (...compoundActions: object[]) => ({ actionType: 12, compoundActions });

interface Returned {
  readonly actions?: readonly object[];
  readonly isDone?: boolean;
  readonly error?: string;
  readonly output?: unknown;
}

function returned({ actions = [], isDone = false, ...rest }: Returned): OrchestratorResult {
  const state = orchestratorState.parse({ isDone, actions: [actions], schemaVersion: 2, ...rest });
  return { kind: 'state', state, stack: undefined };
}

function walkThrough(history: string, result: OrchestratorResult) {
  return walk(shortHistory(history), result, {
    orchestratorName: 'main',
    instanceId: 'i1',
    executionId: 'e1',
    parentInstanceId: null,
    exists: (_kind, name) => name !== 'Missing',
    missingFunctionMessage: (kind, name) => `no ${kind} ${name}`,
    limits: defaultWalkLimits,
  });
}

const day = 86_400;

describe('what is new', () => {
  const cases: Record<string, { history: string; returns: Returned; expect: string }> = {
    'nothing but the first action of several': {
      history: '12 0',
      returns: { actions: [activity('A'), activity('B')] },
      expect: '4[0]A',
    },
    'the second once the first has ended': {
      history: '12 0 4[0]A 13 12 5→0',
      returns: { actions: [activity('A'), activity('B')] },
      expect: '4[1]B',
    },
    'the second once the first has failed, too': {
      history: '12 0 4[0]A 13 12 6→0',
      returns: { actions: [activity('A'), activity('B')] },
      expect: '4[1]B',
    },
    'nothing while the first is under way': {
      history: '12 0 4[0]A 13 12 15go',
      returns: { actions: [activity('A'), activity('B')] },
      expect: '',
    },
    'all children of a compound action, in their order': {
      history: '12 0',
      returns: { actions: [all(activity('A'), any(timer(5), child('C')), event('go'), activity('B'))] },
      expect: '4[0]A 10[1]@5 7[2]C 4[3]B',
    },
    'what follows Task.any, when any child has ended': {
      history: '12 0 4[0]A 4[1]B 13 12 6→1',
      returns: { actions: [any(activity('A'), activity('B')), activity('C')] },
      expect: '4[2]C',
    },
    'nothing after Task.all, until every child has ended': {
      history: '12 0 4[0]A 4[1]B 13 12 6→1',
      returns: { actions: [all(activity('A'), activity('B')), activity('C')] },
      expect: '',
    },
    'a cancelled timer, which takes its id, and what follows it': {
      history: '12 0',
      returns: { actions: [timer(100, true), activity('A')] },
      expect: '10[0]@100 4[1]A',
    },
    'nothing for an external event, and then the next id': {
      history: '12 0 15go',
      returns: { actions: [event('GO'), timer(1), activity('A')] },
      expect: '10[0]@1',
    },
    'nothing for an unknown function, and what follows it': {
      history: '12 0',
      returns: { actions: [activity('Missing'), activity('A')] },
      expect: '4[0]A',
    },
    'nothing for a task that history has, whatever the case of its name': {
      history: '12 0 4[0]a 13 12 19 20',
      returns: { actions: [activity('A')] },
      expect: '',
    },
    'a second answer to a task changes nothing': {
      history: '12 0 4[0]A 13 12 5→0 5→0 6→0',
      returns: { actions: [activity('A'), activity('B')] },
      expect: '4[1]B',
    },
  };
  it.each(Object.entries(cases))('is %s', (_sentence, { history, returns, expect: decisions }) => {
    expect(shortDecisions(walkThrough(history, returned(returns)).decisions)).toBe(decisions);
  });
});

describe('retries', () => {
  const cases: Record<string, { history: string; returns: Returned; expect: string }> = {
    'wait before the second attempt': {
      history: '12 0 4[0]A 13 12@7 6→0',
      returns: { actions: [retrying('A', 2)] },
      expect: '10[1]@8',
    },
    'make the second attempt with the next id': {
      history: '12 0 4[0]A 13 12@7 6→0 10[1] 13 12@8 11→1',
      returns: { actions: [retrying('A', 2)] },
      expect: '4[2]A',
    },
    'spend a timer that is due at once after the last failure': {
      history: '12 0 4[0]A 13 12@7 6→0 10[1] 13 12@8 11→1 4[2]A 13 12@9 6→2',
      returns: { actions: [retrying('A', 2)] },
      expect: '10[3]@9',
    },
    'spend it even when there is one attempt only': {
      history: '12 0 4[0]A 13 12@7 6→0',
      returns: { actions: [retrying('A', 1), activity('B')] },
      expect: '10[1]@7',
    },
    'take their ids as failures come: B first, then A': {
      history: '12 0 4[0]A 4[1]B 13 12 6→1 10[2] 13 12 6→0 10[3] 13 12 11→2 4[4]B 13 12 11→3',
      returns: { actions: [all(retrying('A', 3), retrying('B', 3))] },
      expect: '4[5]A',
    },
    'back off, up to the longest interval': {
      history: '12 0 4[0]A 13 12 6→0 10[1] 13 12 11→1 4[2]A 13 12@10 6→2',
      returns: {
        actions: [retrying('A', 9, { backoffCoefficient: 60, maxRetryIntervalInMilliseconds: 30_000 })],
      },
      expect: '10[3]@40',
    },
    'grow by the coefficient': {
      history: '12 0 4[0]A 13 12 6→0 10[1] 13 12 11→1 4[2]A 13 12@10 6→2',
      returns: { actions: [retrying('A', 9, { backoffCoefficient: 1.5 })] },
      expect: '10[3]@11.5',
    },
    'make no timer when their time is over': {
      history: '12 0 4[0]A 13 12@7 6→0',
      returns: { actions: [retrying('A', 3, { retryTimeoutInMilliseconds: 7000 }), activity('B')] },
      expect: '4[1]B',
    },
    'end with no attempt when none is allowed': {
      history: '12 0',
      returns: { actions: [retrying('A', 0), activity('B')] },
      expect: '4[0]B',
    },
    'start nothing when an interval is beyond six days': {
      history: '12 0',
      returns: {
        actions: [retrying('A', 2, { maxRetryIntervalInMilliseconds: 7 * day * 1000 }), activity('B')],
      },
      expect: '4[0]B',
    },
  };
  it.each(Object.entries(cases))('%s', (_sentence, { history, returns, expect: decisions }) => {
    expect(shortDecisions(walkThrough(history, returned(returns)).decisions)).toBe(decisions);
  });

  it('fail the instance when an interval does not fit into 32 bits', () => {
    const action = retrying('A', 2, { firstRetryIntervalInMilliseconds: 30 * day * 1000 });
    const state = orchestratorState.safeParse({ isDone: false, actions: [[action]], schemaVersion: 2 });
    expect(state.error?.issues[0]?.message).toBe('Value was either too large or too small for an Int32.');
  });
});

describe('long timers', () => {
  it.each([
    ['12 0', `10[0]@${3 * day}`],
    [`12 0 10[0] 13 12@${3 * day} 11→0`, `10[1]@${6 * day}`],
    [`12 0 10[0] 13 12@${3 * day} 11→0 10[1] 13 12@${6 * day} 11→1`, `10[2]@${8 * day}`],
    [`12 0 10[0] 13 12@${9 * day} 11→0`, '4[1]A'],
  ])('fire in pieces: %s', (history, decisions) => {
    const result = returned({ actions: [timer(8 * day), activity('A')] });
    expect(shortDecisions(walkThrough(history, result).decisions)).toBe(decisions);
  });

  it('make a short timer in the past spend no id, once one of them was cancelled', () => {
    const actions = [timer(8 * day, true), timer(-1), activity('A')];
    expect(shortDecisions(walkThrough('12 0', returned({ actions })).decisions)).toBe(
      `10[0]@${3 * day} 4[1]A`,
    );
  });
});

describe('the end of a generation', () => {
  const cases: Record<string, { history: string; returns: Returned; expect: string }> = {
    'comes when the orchestrator is done': {
      history: '12 0 4[0]A 13 12 5→0',
      returns: { actions: [activity('A')], isDone: true, output: 1 },
      expect: 'Completed',
    },
    'waits for a task that is still open': {
      history: '12 0 10[0] 13 12 15go',
      returns: { actions: [any(timer(100), event('go'))], isDone: true },
      expect: '',
    },
    'does not wait for a cancelled timer': {
      history: '12 0 10[0] 13 12 15go',
      returns: { actions: [any(timer(100, true), event('go'))], isDone: true },
      expect: 'Completed',
    },
    'waits for open tasks when the orchestrator has failed, too': {
      history: '12 0 4[0]A 4[1]B 13 12 6→0',
      returns: { actions: [all(activity('A'), activity('B'))], error: 'broken' },
      expect: '',
    },
    'is a failure when it has failed': {
      history: '12 0 4[0]A 4[1]B 13 12 6→0 13 12 5→1',
      returns: { actions: [all(activity('A'), activity('B'))], error: 'broken' },
      expect: 'Failed',
    },
    'is a new generation after continue-as-new': {
      history: '12 0 4[0]A 13 12 5→0',
      returns: { actions: [activity('A'), again], isDone: true },
      expect: 'ContinueAsNew+0',
    },
    'carries events over that come after continue-as-new, not those before': {
      history: '12 0 4[0]A 13 12 15go 5→0 15go 15other',
      returns: { actions: [activity('A'), again], isDone: true },
      expect: 'ContinueAsNew+2',
    },
    'carries the very event over that made it continue, when a cancelled timer settled the wait': {
      history: '12 0 10[0] 13 12 15go',
      returns: { actions: [any(timer(100, true), event('go')), again], isDone: true },
      expect: 'ContinueAsNew+1',
    },
    'comes at once when it is terminated, open tasks or not, with what was started before it': {
      history: '12 0 3',
      returns: { actions: [activity('A')] },
      expect: '4[0]A Terminated',
    },
    'is not there when the orchestrator threw what is no error': {
      history: '12 0 4[0]A 13 12 6→0',
      returns: { actions: [activity('A')] },
      expect: '',
    },
    'is lost to continue-as-new when both come together': {
      history: '12 0 15go 3',
      returns: { actions: [event('go'), again], isDone: true },
      expect: 'Terminated ContinueAsNew+0',
    },
  };
  it.each(Object.entries(cases))('%s', (_sentence, { history, returns, expect: decisions }) => {
    expect(shortDecisions(walkThrough(history, returned(returns)).decisions)).toBe(decisions);
  });
});

describe('suspension', () => {
  const cases: Record<string, { history: string; expect: string }> = {
    'keeps new work back': { history: '12 0 19', expect: '' },
    'gives it back on resumption': { history: '12 0 19 13 12 20', expect: '4[0]A' },
    'holds answers back': { history: '12 0 4[0]A 13 12 19 13 12 5→0', expect: '' },
    'applies them on resumption': { history: '12 0 4[0]A 13 12 19 13 12 5→0 13 12 20', expect: '4[1]B' },
    'does not stop a termination': { history: '12 0 4[0]A 13 12 19 13 12 5→0 3', expect: 'Terminated' },
  };
  it.each(Object.entries(cases))('%s', (_sentence, { history, expect: decisions }) => {
    const result = returned({ actions: [activity('A'), activity('B')] });
    expect(shortDecisions(walkThrough(history, result).decisions)).toBe(decisions);
  });
});

describe('a history that does not fit', () => {
  const cases: Record<string, { history: string; actions: object[] }> = {
    'has a task that the orchestrator no longer starts': { history: '12 0 4[0]A', actions: [event('go')] },
    'has one with another name': { history: '12 0 4[0]B', actions: [activity('A')] },
    'has one of another kind': { history: '12 0 10[0]', actions: [activity('A')] },
    'has a child where an activity is': { history: '12 0 7[0]A', actions: [activity('A')] },
    'has the same tasks in another order': {
      history: '12 0 4[0]A 4[1]B',
      actions: [all(activity('B'), activity('A'))],
    },
  };
  it.each(Object.entries(cases))('fails the instance as non-deterministic: it %s', (_sentence, row) => {
    const { decisions } = walkThrough(row.history, returned({ actions: row.actions }));
    expect(decisions.at(-1)).toMatchObject({
      kind: 'complete',
      status: 'Failed',
      result: expect.stringMatching(
        /^Non-Deterministic workflow detected: A previous execution .* scheduled/,
      ),
    });
  });
});

describe('an orchestrator that gave no state', () => {
  it.each<[string, OrchestratorResult, string | null]>([
    ['completes with nothing when it returned nothing', { kind: 'nothing' }, null],
    [
      'fails with what it threw',
      { kind: 'failedWithoutState', message: 'boom' },
      "Orchestrator function 'main' failed: boom",
    ],
    [
      'fails without the prefix when its state is unreadable',
      { kind: 'unreadableState', message: 'cut' },
      'cut',
    ],
  ])('%s', (_sentence, result, output) => {
    expect(walkThrough('12 0', result).decisions).toMatchObject([{ kind: 'complete', result: output }]);
  });

  it('in a later episode fails as non-deterministic instead, since nothing was started again', () => {
    const result: OrchestratorResult = { kind: 'failedWithoutState', message: 'boom' };
    expect(walkThrough('12 0 4[0]A 13 12 5→0', result).decisions).toMatchObject([
      { status: 'Failed', result: expect.stringMatching(/^Non-Deterministic/) },
    ]);
  });

  it.each([
    [3, [[]], 'The OOProc schema of of version "3" is unsupported by this durable-extension version.'],
    [2, [], 'With OOProc schema V3, expected actions array to be of length 1 in outer layer but got size: 0'],
    [
      1,
      [[], []],
      'With OOProc schema V2, expected actions array to be of length 1 in outer layer but got size: 2',
    ],
  ])('fails when its state is of schema %i with actions %j', (schemaVersion, actions, message) => {
    const state = orchestratorState.parse({ isDone: true, actions, schemaVersion });
    const { decisions } = walkThrough('12 0', { kind: 'state', state, stack: undefined });
    expect(decisions).toMatchObject([{ result: `Orchestrator function 'main' failed: ${message}` }]);
  });
});
