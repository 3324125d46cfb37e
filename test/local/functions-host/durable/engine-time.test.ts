import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MovableClock } from '../../../../infra/local/clock.ts';
import { DurableEngine } from '../../../../infra/local/functions-host/durable/engine/durable-engine.ts';
import { durableTaskSettings } from '../../../../infra/local/functions-host/durable/engine/durable-task-settings.ts';
import { InProcessApp } from './support/in-process-app.ts';
import { days, inSeconds } from './support/in-seconds.ts';
import { mainOnly, TestHub, temporaryFolder } from './support/test-hub.ts';

/** Durable timers follow the cloud's clock. */

describe('time', () => {
  const reminders = mainOnly(
    function* (context) {
      for (const step of [1, 2, 3]) {
        yield context.df.createTimer(inSeconds(context, days(5)));
        yield context.df.callActivity('note', { step, at: context.df.currentUtcDateTime.toISOString() });
      }
    },
    { note: () => null },
  );

  it('tells the next timer, and whoever asked to know when that changes', async () => {
    const hub = new TestHub(reminders);
    const seen: (number | undefined)[] = [];
    hub.engine.onNextDueChange((due) => seen.push(due && hub.secondsOf(due) / days(1)));
    await hub.start();
    expect(hub.engine.nextDue).toEqual(new Date('2030-01-06T00:00:00Z'));
    await hub.advance(days(15));
    expect(seen).toEqual([5, undefined, 10, undefined, 15, undefined]);
  });

  it('is the time at which a timer falls due, even when the clock is moved far beyond it', async () => {
    const hub = new TestHub(reminders);
    await hub.start();
    await hub.advance(days(30));
    const notes = hub.app.calls
      .filter(({ name }) => name === 'note')
      .map(({ input }) => JSON.parse(input ?? ''));
    expect(notes).toEqual([
      { step: 1, at: '2030-01-06T00:00:00.000Z' },
      { step: 2, at: '2030-01-11T00:00:00.000Z' },
      { step: 3, at: '2030-01-16T00:00:00.000Z' },
    ]);
  });

  it('fires at once a timer that is set in the past', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.createTimer(inSeconds(context, -100));
        return 'done';
      }),
    );
    await hub.start();
    expect(hub.output()).toBe('done');
  });

  it('passes in order for all instances that follow the cloud’s own clock', async () => {
    const order: string[] = [];
    const app = new InProcessApp(
      mainOnly(
        function* (context) {
          const { step, times } = context.df.getInput<{ step: number; times: number }>();
          for (let time = 1; time <= times; time += 1) {
            yield context.df.createTimer(inSeconds(context, step));
            yield context.df.callActivity('note', { at: step * time });
          }
        },
        { note: ({ at }: { at: number }) => void order.push(String(at)) },
      ),
    );
    const clock = new MovableClock();
    const engine = new DurableEngine({
      dataFolder: temporaryFolder(),
      settings: durableTaskSettings.parse({}),
      invoker: app,
      clock,
      log: () => {},
    });
    onTestFinished(() => engine.stop(0));
    onTestFinished(clock.follow(engine));
    for (const [step, times] of [
      [30_000, 10],
      [70_000, 4],
      [110_000, 3],
    ])
      engine.operations.start('main', undefined, JSON.stringify({ step, times }));
    await engine.caughtUp();
    await clock.advance(400_000_000);
    const instants = order.map(Number);
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    expect(instants).toHaveLength(17);
  });

  it('passes by itself, too', async () => {
    const app = new InProcessApp(
      mainOnly(function* (context) {
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 50));
        return 'done';
      }),
    );
    const engine = new DurableEngine({
      dataFolder: temporaryFolder(),
      settings: durableTaskSettings.parse({}),
      invoker: app,
      clock: new MovableClock(),
      pollInterval: 3_600_000,
      log: () => {},
    });
    onTestFinished(() => engine.stop(0));
    engine.operations.start('main', 'i1', null);
    while (engine.operations.get('i1')?.status !== 'Completed') await wait(5);
    expect(engine.nextDue).toBeUndefined();
  });
});
