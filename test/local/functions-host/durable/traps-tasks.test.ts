import { describe, expect, it } from 'vitest';
import { inSeconds } from './support/in-seconds.ts';
import { df } from './support/programming-model.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

/** Traps of the fact sheet, sections 6 and 8, that an improved engine would hide. */

describe('trap 1: a task used in several Task.any calls', () => {
  it("gives a later activity another task's completion as its result, before that activity has run", async () => {
    const hub = new TestHub(({ clock }) =>
      mainOnly(
        function* (context) {
          const slow = context.df.callActivity('slow');
          const first = context.df.createTimer(inSeconds(context, 10));
          yield context.df.Task.any([slow, first]);
          const second = context.df.createTimer(inSeconds(context, 10));
          yield context.df.Task.any([slow, second]);
          const result = yield context.df.callActivity('later');
          return { result };
        },
        { slow: () => clock.sleep(1000_000), later: () => 'what later returned' },
      ),
    );
    await hub.start();
    await hub.advance(20);
    const started = hub.app.calls.filter(({ taskId }) => taskId !== undefined);
    expect(started.map(({ name, taskId }) => `${name}[${taskId}]`)).toEqual(['slow[0]', 'slow[2]']);
    await hub.advance(10_000_000);
    expect(hub.output()).not.toEqual({ result: 'what later returned' });
  });
});

describe('trap 2: Task.all with retrying siblings, caught', () => {
  it('makes the next activity return null before it ran, when a sibling still retries', async () => {
    const hub = new TestHub(({ clock }) =>
      mainOnly(
        function* (context) {
          try {
            yield context.df.Task.all([
              context.df.callActivityWithRetry('alwaysFails', new df.RetryOptions(100_000, 2)),
              context.df.callActivity('failsSoon'),
            ]);
          } catch {
            const result = yield context.df.callActivity('compensate');
            return { result: result ?? null };
          }
          return 'no error';
        },
        {
          alwaysFails: async () => {
            await clock.sleep(10_000);
            throw new Error('again');
          },
          failsSoon: () => {
            throw new Error('soon');
          },
          compensate: () => 'compensated',
        },
      ),
    );
    await hub.start();
    await hub.advance(109);
    expect(hub.app.calls.some(({ name }) => name === 'compensate')).toBe(false);
    await hub.advance(1000);
    expect(hub.output()).toEqual({ result: null });
  });
});

describe('trap 4: waits for an event that were given up', () => {
  it('let a stale waiter swallow the next event of that name', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        const seen: unknown[] = [];
        for (let round = 0; round < 3; round += 1) {
          const event = context.df.waitForExternalEvent('go');
          const timer = context.df.createTimer(inSeconds(context, 10));
          const winner = yield context.df.Task.any([event, timer]);
          if (winner === event) timer.cancel();
          seen.push(winner === event ? event.result : 'timed out');
        }
        const first = yield context.df.waitForExternalEvent('go');
        return [...seen, first];
      }),
    );
    await hub.start();
    await hub.advance(10);
    await hub.raise('go', 'one');
    await hub.advance(10);
    await hub.raise('go', 'two');
    expect(hub.output()).toEqual(['timed out', 'one', 'timed out', 'two']);
  });

  it('hand the next event to the newest waiter, and the one after it to nobody who listens', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        const old = context.df.waitForExternalEvent('go');
        const timer = context.df.createTimer(inSeconds(context, 10));
        yield context.df.Task.any([old, timer]);
        const first = yield context.df.waitForExternalEvent('go');
        const unheard = context.df.waitForExternalEvent('other');
        yield context.df.Task.any([unheard, context.df.createTimer(inSeconds(context, 100))]);
        const second = context.df.waitForExternalEvent('go');
        const limit = context.df.createTimer(inSeconds(context, 10));
        const winner = yield context.df.Task.any([second, limit]);
        return { first, second: winner === second ? second.result : 'swallowed', old: old.result };
      }),
    );
    await hub.start();
    await hub.advance(10);
    await hub.raise('go', 'one');
    await hub.raise('go', 'two');
    await hub.advance(200);
    expect(hub.output()).toEqual({ first: 'one', second: 'swallowed', old: 'two' });
  });
});

describe('trap: retries that end by their time-out', () => {
  it('hang the instance, because the host makes no last timer that the library waits for', async () => {
    const hub = new TestHub(({ clock }) =>
      mainOnly(
        function* (context) {
          const retry = new df.RetryOptions(10_000, 10);
          Object.assign(retry, { retryTimeoutInMilliseconds: 15_000 });
          return yield context.df.callActivityWithRetry('fails', retry);
        },
        {
          fails: async () => {
            await clock.sleep(1000);
            throw new Error('again');
          },
        },
      ),
    );
    await hub.start();
    await hub.advance(1000);
    expect(hub.app.calls.filter(({ name }) => name === 'fails')).toHaveLength(3);
    expect(hub.status()).toBe('Running');
  });
});

describe('trap: more actions than maxOrchestrationActions', () => {
  it('hang the instance', async () => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          for (let count = 0; count < 4; count += 1) yield context.df.callActivity('work');
        },
        { work: () => 1 },
      ),
      { settings: { maxOrchestrationActions: 3 } },
    );
    await hub.start();
    expect(hub.status()).toBe('Running');
    expect(hub.app.calls.filter(({ name }) => name === 'work')).toHaveLength(3);
    expect(hub.log.join()).toContain('Maximum amount of orchestration actions (3) has been reached');
  });
});

describe('features of the real extension that this host refuses', () => {
  it.each([
    ['Durable entities (callEntity)', 'callEntity'],
    ['Durable entities (signalEntity)', 'signalEntity'],
    ['Durable HTTP calls (callHttp)', 'callHttp'],
  ] as const)('fail the instance and are named: %s', async (feature, method) => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        const entity = new df.EntityId('counter', 'key');
        if (method === 'callHttp') yield context.df.callHttp({ method: 'GET', url: 'http://localhost' });
        else if (method === 'callEntity') yield context.df.callEntity(entity, 'get');
        else context.df.signalEntity(entity, 'add', 1);
        yield context.df.createTimer(inSeconds(context, 1));
      }),
    );
    await hub.start();
    expect(hub.status()).toBe('Failed');
    expect(hub.output()).toBe(
      `Orchestrator function 'main' failed: ${feature} are not supported by this host.`,
    );
  });
});
