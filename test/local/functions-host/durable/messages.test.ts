import { describe, expect, it } from 'vitest';
import { reconcileMessages } from '../../../../infra/local/functions-host/durable/episode/reconcile-messages.ts';
import type {
  InstanceRecord,
  RuntimeStatus,
} from '../../../../infra/local/functions-host/durable/instance-record.ts';
import type { StoredMessage } from '../../../../infra/local/functions-host/durable/message.ts';
import { inSeconds } from './support/in-seconds.ts';
import { shortHistory } from './support/short-history.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

function instance(status: RuntimeStatus, executionId = 'e1'): InstanceRecord {
  const now = new Date(0);
  const texts = { input: null, output: null, customStatus: null };
  return {
    id: 'i1',
    executionId,
    name: 'main',
    version: '',
    status,
    ...texts,
    createdAt: now,
    updatedAt: now,
  };
}

/** Messages in short: events, each for execution e1 unless another is named; `outside` is for none. */
function messages(...words: readonly [event: string, executionId?: string][]): StoredMessage[] {
  return words.flatMap(([word, executionId = 'e1'], id) =>
    shortHistory(word).map((event) => {
      const meantFor = executionId === 'outside' ? undefined : executionId;
      return { id, instanceId: 'i1', executionId: meantFor, due: new Date(0), event };
    }),
  );
}

describe('of an inbox', () => {
  const cases: Record<string, { record?: InstanceRecord; inbox: StoredMessage[]; expect: number[] }> = {
    'everything is dropped for an instance that never was': {
      inbox: messages(['5→0'], ['15go', 'outside'], ['3', 'outside']),
      expect: [],
    },
    'the start is taken by the pending instance that was written with it': {
      record: instance('Pending'),
      inbox: messages(['0'], ['15go', 'outside']),
      expect: [0, 15],
    },
    'the start is dropped when the instance was purged': { inbox: messages(['0']), expect: [] },
    'the start is dropped when another was written since': {
      record: instance('Pending', 'e2'),
      inbox: messages(['0'], ['15go', 'outside']),
      expect: [],
    },
    'a second start is dropped while the instance runs': {
      record: instance('Running'),
      inbox: messages(['0'], ['5→0']),
      expect: [5],
    },
    'answers to another execution are dropped': {
      record: instance('Running', 'e2'),
      inbox: messages(['5→0', 'e1'], ['11→1', 'e1'], ['5→0', 'e2']),
      expect: [5],
    },
    'what comes from outside is for every execution': {
      record: instance('Suspended', 'e2'),
      inbox: messages(['15go', 'outside'], ['20', 'outside']),
      expect: [15, 20],
    },
    'everything is dropped for a finished instance': {
      record: instance('Terminated'),
      inbox: messages(['5→0'], ['15go', 'outside']),
      expect: [],
    },
  };
  it.each(Object.entries(cases))('%s', (_sentence, { record, inbox, expect: types }) => {
    expect(reconcileMessages(record, inbox).events.map(({ EventType }) => EventType)).toEqual(types);
  });
});

describe('a cancelled timer of an earlier generation', () => {
  it('does not fire the timer that has its id in the next', async () => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          if (context.df.getInput<{ last: boolean }>().last) {
            yield context.df.createTimer(inSeconds(context, 1000));
            return context.df.currentUtcDateTime.toISOString();
          }
          const timer = context.df.createTimer(inSeconds(context, 100));
          yield context.df.Task.any([timer, context.df.waitForExternalEvent('go')]);
          timer.cancel();
          yield context.df.callActivity('work');
          context.df.continueAsNew({ last: true });
          return undefined;
        },
        { work: () => 1 },
      ),
    );
    await hub.start({ last: false });
    await hub.raise('go');
    await hub.advance(999);
    expect(hub.history().join(' ')).toBe('12 0 13 10[0] 13');
    await hub.advance(1);
    expect(hub.output()).toBe('2030-01-01T00:16:40.000Z');
  });
});

describe('replaying', () => {
  it('is told to the orchestrator, and its time is the time of the episode', async () => {
    const seen: unknown[] = [];
    const hub = new TestHub(
      mainOnly(function* (context) {
        const note = (at: string) =>
          seen.push([at, context.df.isReplaying, hub.secondsOf(context.df.currentUtcDateTime)]);
        note('start');
        yield context.df.createTimer(inSeconds(context, 10));
        note('middle');
        yield context.df.createTimer(inSeconds(context, 10));
        note('end');
      }),
    );
    await hub.start();
    await hub.advance(20);
    expect(seen).toEqual([
      ['start', false, 0],
      ['start', true, 0],
      ['middle', false, 10],
      ['start', true, 0],
      ['middle', true, 10],
      ['end', false, 20],
    ]);
  });
});

describe('a function time-out', () => {
  it('fails an activity, and lets an episode be tried again', async () => {
    const machine = { now: 0 };
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          yield context.df.callActivity('work');
        },
        { work: () => 1 },
      ),
      { machineTime: () => machine.now },
    );
    const message = 'Timeout value of 00:05:00 was exceeded by function: Functions.main';
    hub.app.endings.set('main', { kind: 'timedOut', message });
    hub.app.endings.set('work', { kind: 'timedOut', message });
    await hub.start();
    expect(hub.status()).toBe('Pending');
    hub.app.endings.delete('main');
    machine.now += 2000;
    await hub.engine.caughtUp();
    expect(hub.output()).toContain(`Activity function 'work' failed: ${message} \n`);
  });
});
