import { describe, expect, it } from 'vitest';
import type { OrchestratorResult } from '../../../../infra/local/functions-host/durable/episode/orchestrator-result.ts';
import { orchestratorState } from '../../../../infra/local/functions-host/durable/walk/orchestrator-action.ts';
import { shortDecisions } from './support/short-history.ts';
import {
  activity,
  again,
  all,
  any,
  event,
  type Returned,
  returned,
  timer,
  walkThrough,
} from './support/walk-through.ts';

/** The walk by itself: how a generation ends, is held up, or fails. */

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
    'waits for open tasks before a new generation, too': {
      history: '12 0 10[0] 13 12 15go',
      returns: { actions: [any(timer(100), event('go')), again], isDone: true },
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
