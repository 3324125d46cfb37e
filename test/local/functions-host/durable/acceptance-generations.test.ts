import { describe, expect, it } from 'vitest';
import { days, inSeconds } from './support/in-seconds.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

/** The acceptance checks of appendix C on continue-as-new and long timers. */

describe('an event, a cancelled timer and continue-as-new', () => {
  it('delivers the same event to each generation when nothing is awaited in between (extension issue 2606)', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        const { generation, seen } = context.df.getInput<{ generation: number; seen: unknown[] }>();
        if (generation === 5) return seen;
        const timer = context.df.createTimer(inSeconds(context, 100));
        const event = context.df.waitForExternalEvent('wake');
        yield context.df.Task.any([event, timer]);
        timer.cancel();
        context.df.continueAsNew({ generation: generation + 1, seen: [...seen, event.result] });
        return undefined;
      }),
    );
    await hub.start({ generation: 0, seen: [] });
    await hub.raise('wake', 'the only one');
    expect(hub.output()).toEqual(Array(5).fill('the only one'));
  });

  it('goes round for ever in that case, without blocking others, and stops when the host does', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          const timer = context.df.createTimer(inSeconds(context, 100));
          yield context.df.Task.any([context.df.waitForExternalEvent('wake'), timer]);
          timer.cancel();
          context.df.continueAsNew({});
        },
        other: function* (context) {
          yield context.df.createTimer(inSeconds(context, 0));
          return 'unharmed';
        },
      },
    });
    await hub.start();
    await hub.raise('wake', {});
    await hub.start(null, 'i2', 'other');
    expect(hub.output('i2')).toBe('unharmed');
    expect(hub.status()).toBe('Running');
    expect(hub.log.join()).toMatch(/continued as new \d+ times without waiting/);
    await hub.engine.stop();
  });

  it('begins one new generation and delivers nothing again when one activity is awaited in between', async () => {
    const generations: number[] = [];
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          const { generation } = context.df.getInput<{ generation: number }>();
          const timer = context.df.createTimer(inSeconds(context, 100));
          yield context.df.Task.any([context.df.waitForExternalEvent('wake'), timer]);
          if (!timer.isCompleted) timer.cancel();
          yield context.df.callActivity('note', { generation });
          context.df.continueAsNew({ generation: generation + 1 });
        },
        { note: ({ generation }: { generation: number }) => void generations.push(generation) },
      ),
    );
    await hub.start({ generation: 0 });
    await hub.raise('wake');
    expect(generations).toEqual([0]);
    expect(hub.instance().input).toBe('{"generation":1}');
    expect(hub.history().join(' ')).toBe('12 0 13 10[0] 13');
    await hub.advance(100);
    expect(generations).toEqual([0, 1]);
  });
});

describe('events and continue-as-new', () => {
  it('loses an event that arrives while an activity runs before continue-as-new', async () => {
    const hub = new TestHub(({ clock }) =>
      mainOnly(
        function* (context) {
          const name = yield context.df.waitForExternalEvent('wake');
          yield context.df.callActivity('work', name);
          context.df.continueAsNew({ previous: name });
        },
        { work: () => clock.sleep(1000) },
      ),
    );
    await hub.start();
    await hub.raise('wake', 'first');
    await hub.raise('wake', 'while the activity runs');
    await hub.advance(1);
    expect(hub.instance().input).toBe('{"previous":"first"}');
    expect(hub.history().join(' ')).toBe('12 0 13');
    expect(hub.app.calls.filter(({ name }) => name === 'work')).toHaveLength(1);
  });

  it('begins one new generation after 100 wake-ups, and carries none of those over that came before its end', async () => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          const { generation } = context.df.getInput<{ generation: number }>();
          yield context.df.waitForExternalEvent('wake');
          yield context.df.callActivity('work');
          context.df.continueAsNew({ generation: generation + 1 });
        },
        { work: () => 'done' },
      ),
    );
    await hub.start({ generation: 0 });
    for (let count = 0; count < 100; count += 1) hub.engine.operations.raiseEvent('i1', 'wake', '{}');
    await hub.engine.caughtUp();
    expect(hub.instance().input).toBe('{"generation":1}');
    expect(hub.history().join(' ')).toBe('12 0 13');
  });

  it('carries over the wake-ups that are processed after continue-as-new was reached', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        const { generation } = context.df.getInput<{ generation: number }>();
        yield context.df.waitForExternalEvent('wake');
        context.df.continueAsNew({ generation: generation + 1 });
      }),
    );
    await hub.start({ generation: 0 });
    for (let count = 0; count < 100; count += 1) hub.engine.operations.raiseEvent('i1', 'wake', '{}');
    await hub.engine.caughtUp();
    expect(hub.instance().input).toBe('{"generation":100}');
    expect(hub.history().join(' ')).toBe('12 0 13');
  });
});

describe('a timer of 8 days', () => {
  it('fires as 3 + 3 + 2 days and leaves id 3 to the next task', async () => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          yield context.df.createTimer(inSeconds(context, days(8)));
          return yield context.df.callActivity('work');
        },
        { work: () => 'done' },
      ),
    );
    await hub.start();
    await hub.advance(days(8) - 1);
    expect(hub.status()).toBe('Running');
    await hub.advance(1);
    expect(hub.output()).toBe('done');
    const timers = hub.engine.operations.history('i1').filter((event) => event.EventType === 10);
    expect(timers.map(({ FireAt }) => hub.secondsOf(new Date(FireAt)) / days(1))).toEqual([3, 6, 8]);
    expect(hub.history()).toContain('4[3]');
  });

  const cancelled = (activities: number) => (hub: TestHub) =>
    mainOnly(
      function* (context) {
        const timer = context.df.createTimer(inSeconds(context, days(8)));
        yield context.df.Task.any([context.df.waitForExternalEvent('go'), timer]);
        timer.cancel();
        for (let count = 0; count < activities; count += 1) yield context.df.callActivity('work');
        return 'done';
      },
      { work: () => hub.clock.sleep(days(2) * 1000) },
    );

  it('fails the instance as non-deterministic when an event wins on day 4, it is cancelled and an activity follows', async () => {
    const hub = new TestHub(cancelled(1));
    await hub.start();
    await hub.advance(days(4));
    await hub.raise('go');
    expect(hub.status()).toBe('Failed');
    expect(hub.output()).toMatch(/^Non-Deterministic workflow detected: /);
  });

  it('hangs the instance when a piece of the cancelled timer fires while that activity runs and a task follows', async () => {
    const hub = new TestHub(cancelled(2));
    await hub.start();
    await hub.advance(days(2));
    await hub.raise('go');
    await hub.advance(days(10));
    expect(hub.status()).toBe('Running');
    expect(hub.engine.nextDue).toBeUndefined();
  });

  it('does no harm when it is cancelled before its first piece fires and nothing with an id follows', async () => {
    const hub = new TestHub(cancelled(1));
    await hub.start();
    await hub.advance(days(2));
    await hub.raise('go');
    await hub.advance(days(2));
    expect(hub.output()).toBe('done');
  });
});
