import { describe, expect, it } from 'vitest';
import { inSeconds } from './support/in-seconds.ts';
import { df } from './support/programming-model.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

/** The acceptance checks of appendix C on tasks, as the real extension was seen to treat the real library. */

describe('ids and results', () => {
  it('gives the tasks of a sequence the ids 0, 1, 2 and hands each result on', async () => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          const first = yield context.df.callActivity('double', 1);
          const second = yield context.df.callActivity('double', first);
          return yield context.df.callActivity('double', second);
        },
        { double: (n: number) => n * 2 },
      ),
    );
    await hub.start();
    expect(hub.output()).toBe(8);
    expect(hub.history().join(' ')).toBe('12 0 4[0] 13 12 5→0 4[1] 13 12 5→1 4[2] 13 12 5→2 1 13');
  });

  it('gives the tasks of a fan-out ids in array order, and the results too, whoever ends first', async () => {
    const hub = new TestHub(({ clock }) =>
      mainOnly(
        function* (context) {
          const waits = [30, 10, 20].map((seconds) => context.df.callActivity('wait', seconds));
          return yield context.df.Task.all(waits);
        },
        {
          wait: async (seconds: number) => {
            await clock.sleep(seconds * 1000);
            return `after ${seconds}`;
          },
        },
      ),
    );
    await hub.start();
    await hub.advance(30);
    expect(hub.output()).toEqual(['after 30', 'after 10', 'after 20']);
    const tasks = hub.history().filter((event) => /^[45]/.test(event));
    expect(tasks.join(' ')).toBe('4[0] 4[1] 4[2] 5→1 5→2 5→0');
  });
});

describe('retries', () => {
  it('waits 5 s and 10 s between three attempts of 1 s each, with ids 1 and 3, and is done after 18 s', async () => {
    let attempts = 0;
    const hub = new TestHub(({ clock }) =>
      mainOnly(
        function* (context) {
          const retry = new df.RetryOptions(5000, 3);
          retry.backoffCoefficient = 2;
          return yield context.df.callActivityWithRetry('flaky', retry);
        },
        {
          flaky: async () => {
            await clock.sleep(1000);
            attempts += 1;
            if (attempts < 3) throw new Error('not yet');
            return 'third time lucky';
          },
        },
      ),
    );
    await hub.start();
    await hub.advance(17.9);
    expect(hub.status()).toBe('Running');
    await hub.advance(0.1);
    expect(hub.output()).toBe('third time lucky');
    const timers = hub.engine.operations.history('i1').filter((event) => event.EventType === 10);
    expect(timers.map(({ EventId, FireAt }) => [EventId, hub.secondsOf(new Date(FireAt))])).toEqual([
      [1, 6],
      [3, 17],
    ]);
    expect(hub.secondsOf(hub.instance().updatedAt)).toBe(18);
  });

  it('spends one more timer, id 5 and due at once, when retries are exhausted, before the compensation with id 6', async () => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          try {
            yield context.df.callActivityWithRetry('broken', new df.RetryOptions(1000, 3));
          } catch {
            return yield context.df.callActivity('compensate');
          }
          return 'no error';
        },
        {
          broken: () => {
            throw new Error('always');
          },
          compensate: () => 'compensated',
        },
      ),
    );
    await hub.start();
    await hub.advance(2);
    expect(hub.output()).toBe('compensated');
    const tasks = hub.history().filter((event) => !/^(12|13|0|1)$/.test(event));
    expect(tasks.join(' ')).toBe('4[0] 6→0 10[1] 11→1 4[2] 6→2 10[3] 11→3 4[4] 6→4 10[5] 11→5 4[6] 5→6');
  });
});

describe('Task.all with a failure', () => {
  const failing = (hub: TestHub) => ({
    failsAfter: async (seconds: number) => {
      await hub.clock.sleep(seconds * 1000);
      throw new Error('lost');
    },
    endsAfter: (seconds: number) => hub.clock.sleep(seconds * 1000),
    compensate: () => 'compensated',
  });

  it('acts on a failure at 1 s only when the sibling has ended at 50 s', async () => {
    const hub = new TestHub((self) =>
      mainOnly(function* (context) {
        const branches = [context.df.callActivity('failsAfter', 1), context.df.callActivity('endsAfter', 50)];
        yield context.df.Task.all(branches);
      }, failing(self)),
    );
    await hub.start();
    await hub.advance(49);
    expect(hub.status()).toBe('Running');
    await hub.advance(1);
    expect(hub.status()).toBe('Failed');
    expect(hub.secondsOf(hub.instance().updatedAt)).toBe(50);
  });

  it('runs the compensation at 50 s, not at 1 s', async () => {
    const hub = new TestHub((self) =>
      mainOnly(function* (context) {
        try {
          yield context.df.Task.all([
            context.df.callActivity('failsAfter', 1),
            context.df.callActivity('endsAfter', 50),
          ]);
        } catch {
          return yield context.df.callActivity('compensate');
        }
        return 'no error';
      }, failing(self)),
    );
    await hub.start();
    await hub.advance(49);
    expect(hub.app.calls.some(({ name }) => name === 'compensate')).toBe(false);
    await hub.advance(1);
    expect(hub.output()).toBe('compensated');
    expect(hub.secondsOf(hub.instance().updatedAt)).toBe(50);
  });
});

describe('Task.any of an event and a timer of 100 s', () => {
  const race = (cancel: boolean) =>
    mainOnly(function* (context) {
      const timer = context.df.createTimer(inSeconds(context, 100));
      const event = context.df.waitForExternalEvent('go');
      const winner = yield context.df.Task.any([event, timer]);
      if (cancel) timer.cancel();
      return winner === event ? 'event' : 'timer';
    });

  it('holds the instance until the timer that nobody cancelled has fired', async () => {
    const hub = new TestHub(race(false));
    await hub.start();
    await hub.raise('go');
    await hub.advance(99);
    expect(hub.status()).toBe('Running');
    await hub.advance(1);
    expect(hub.output()).toBe('event');
    expect(hub.secondsOf(hub.instance().updatedAt)).toBe(100);
  });

  it('completes at once when the timer is cancelled', async () => {
    const hub = new TestHub(race(true));
    await hub.start();
    await hub.raise('go');
    expect(hub.output()).toBe('event');
    expect(hub.secondsOf(hub.instance().updatedAt)).toBe(0);
  });
});

describe('what hangs or fails an instance', () => {
  it('hangs on an activity that nobody registered, with no open task and no message', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.callActivity('mistyped');
      }),
    );
    await hub.start();
    await hub.advance(1000);
    expect(hub.status()).toBe('Running');
    expect(hub.history().join(' ')).toBe('12 0 13');
    expect(hub.engine.nextDue).toBeUndefined();
    expect(hub.log.join()).toContain("The function 'mistyped' doesn't exist");
  });

  it('hangs on a thrown string', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.createTimer(inSeconds(context, 1));
        throw 'a string';
      }),
    );
    await hub.start();
    await hub.advance(1000);
    expect(hub.status()).toBe('Running');
  });

  it('fails the instance when the worker exits during its episode, and only the activity when it exits in one', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          yield context.df.waitForExternalEvent('never seen');
        },
        caller: function* (context) {
          try {
            yield context.df.callActivity('crashing');
          } catch (error) {
            return String(error);
          }
          return 'no error';
        },
      },
      activities: { crashing: () => 'never seen' },
    });
    const exit = { kind: 'workerExited', message: 'node exited with code 1 (0x1)' } as const;
    hub.app.endings.set('main', exit);
    hub.app.endings.set('crashing', exit);
    await hub.start();
    await hub.start(null, 'i2', 'caller');
    expect(hub.status()).toBe('Failed');
    expect(hub.output()).toContain('node exited with code 1 (0x1)');
    expect(hub.status('i2')).toBe('Completed');
    expect(hub.output('i2')).toContain("Activity function 'crashing' failed: node exited with code 1 (0x1)");
  });
});
