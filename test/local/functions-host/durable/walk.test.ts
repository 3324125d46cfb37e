import { describe, expect, it } from 'vitest';
import { orchestratorState } from '../../../../infra/local/functions-host/durable/walk/orchestrator-action.ts';
import { days } from './support/in-seconds.ts';
import { shortDecisions } from './support/short-history.ts';
import {
  activity,
  all,
  any,
  child,
  event,
  type Returned,
  retrying,
  returned,
  timer,
  walkThrough,
} from './support/walk-through.ts';

/** The walk by itself: a history and what the orchestrator returned for it, and the new work that comes of them. */

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
        actions: [retrying('A', 2, { maxRetryIntervalInMilliseconds: days(7) * 1000 }), activity('B')],
      },
      expect: '4[0]B',
    },
  };
  it.each(Object.entries(cases))('%s', (_sentence, { history, returns, expect: decisions }) => {
    expect(shortDecisions(walkThrough(history, returned(returns)).decisions)).toBe(decisions);
  });

  it('fail the instance when an interval does not fit into 32 bits', () => {
    const action = retrying('A', 2, { firstRetryIntervalInMilliseconds: days(30) * 1000 });
    const state = orchestratorState.safeParse({ isDone: false, actions: [[action]], schemaVersion: 2 });
    expect(state.error?.issues[0]?.message).toBe('Value was either too large or too small for an Int32.');
  });
});

describe('long timers', () => {
  it.each([
    ['12 0', `10[0]@${days(3)}`],
    [`12 0 10[0] 13 12@${days(3)} 11→0`, `10[1]@${days(6)}`],
    [`12 0 10[0] 13 12@${days(3)} 11→0 10[1] 13 12@${days(6)} 11→1`, `10[2]@${days(8)}`],
    [`12 0 10[0] 13 12@${days(9)} 11→0`, '4[1]A'],
  ])('fire in pieces: %s', (history, decisions) => {
    const result = returned({ actions: [timer(days(8)), activity('A')] });
    expect(shortDecisions(walkThrough(history, result).decisions)).toBe(decisions);
  });

  it('make a short timer in the past spend no id, once one of them was cancelled', () => {
    const actions = [timer(days(8), true), timer(-1), activity('A')];
    expect(shortDecisions(walkThrough('12 0', returned({ actions })).decisions)).toBe(
      `10[0]@${days(3)} 4[1]A`,
    );
  });
});
