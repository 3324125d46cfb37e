import { describe, expect, it } from 'vitest';
import { inSeconds } from './support/in-seconds.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

/** Traps of the fact sheet on what an orchestrator may yield and throw. */

describe('trap 5: what an orchestrator may yield', () => {
  it.each([
    ['a number', 42],
    ['a promise', Promise.resolve()],
  ])('fails one that yields %s', async (_what, value) => {
    const hub = new TestHub(
      mainOnly(function* () {
        yield value as never;
      }),
    );
    await hub.start();
    expect(hub.status()).toBe('Failed');
    expect(hub.output()).toContain('Durable Functions programming constraint violation');
  });

  it('fails one that is an async function', async () => {
    const hub = new TestHub(mainOnly((async () => 'done') as never));
    await hub.start();
    expect(hub.output()).toContain('generator.next is not a function');
  });

  it('fails one that waits for all of nothing', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.Task.all([]);
      }),
    );
    await hub.start();
    expect(hub.output()).toContain('you must specify at least one Task');
  });

  it('fails one that cancels a timer that has fired', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        const timer = context.df.createTimer(inSeconds(context, 1));
        yield timer;
        timer.cancel();
      }),
    );
    await hub.start();
    await hub.advance(1);
    expect(hub.output()).toContain('Cannot cancel a completed task');
  });

  it('never starts a task that is not yielded', async () => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          context.df.callActivity('work');
          return yield context.df.callActivity('other');
        },
        { work: () => 1, other: () => 2 },
      ),
    );
    await hub.start();
    expect(hub.output()).toBe(2);
    expect(hub.app.calls.map(({ name }) => name)).not.toContain('work');
  });
});

describe('trap: errors that are none', () => {
  it.each([
    ['a string', 'text'],
    ['undefined', undefined],
    ['an Error without message', new Error('')],
    ['an object', { code: 1 }],
  ])('hang an instance that throws %s', async (_what, thrown) => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.createTimer(inSeconds(context, 1));
        throw thrown;
      }),
    );
    await hub.start();
    await hub.advance(100);
    expect(hub.status()).toBe('Running');
  });
});
