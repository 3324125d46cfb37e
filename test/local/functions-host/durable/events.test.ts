import { describe, expect, it } from 'vitest';
import type { AppFunctions } from './support/in-process-app.ts';
import { inSeconds } from './support/in-seconds.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

describe('external events', () => {
  it('are buffered in history until somebody waits for them, and then taken in the order of arrival', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.createTimer(inSeconds(context, 10));
        const first = yield context.df.waitForExternalEvent('go');
        const second = yield context.df.waitForExternalEvent('go');
        return [first, second];
      }),
    );
    await hub.start();
    await hub.raise('go', 1);
    await hub.raise('go', 2);
    await hub.advance(10);
    expect(hub.output()).toEqual([1, 2]);
  });

  it('carry any JSON value', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        const seen: unknown[] = [];
        for (let count = 0; count < 5; count += 1) seen.push(yield context.df.waitForExternalEvent('go'));
        return seen;
      }),
    );
    await hub.start();
    const values = [null, 'text', 42, { a: [true] }, []];
    for (const value of values) await hub.raise('go', value);
    expect(hub.output()).toEqual(values);
  });

  it('of a name in another case are taken by the host and not by the library, which then waits for more', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        return yield context.df.waitForExternalEvent('go');
      }),
    );
    await hub.start();
    await hub.raise('GO', 'in capitals');
    expect(hub.status()).toBe('Running');
    await hub.raise('go', 'as awaited');
    expect(hub.output()).toBe('as awaited');
  });

  it('trap: with a number as their name end the task with that id in the library', async () => {
    const hub = new TestHub(({ clock }) =>
      mainOnly(
        function* (context) {
          return yield context.df.callActivity('work');
        },
        { work: () => clock.sleep(1000) },
      ),
    );
    await hub.start();
    await hub.raise('0', 'not from the activity');
    await hub.advance(1);
    expect(hub.output()).toBe('not from the activity');
  });

  it('for an instance that is unknown, finished or purged are dropped', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        return yield context.df.waitForExternalEvent('go');
      }),
    );
    await hub.raise('go', 1, 'unknown');
    expect(hub.engine.operations.get('unknown')).toBeUndefined();
    await hub.start();
    await hub.raise('go', 'first');
    const history = hub.history();
    await hub.raise('go', 'second');
    expect(hub.history()).toEqual(history);
    hub.engine.operations.purge('i1');
    await hub.raise('go', 'third');
    expect(hub.engine.operations.get('i1')).toBeUndefined();
  });

  it('wait for an instance that was started but has not run yet', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        return yield context.df.waitForExternalEvent('go');
      }),
    );
    hub.engine.operations.start('main', 'i1', null);
    expect(hub.status()).toBe('Pending');
    await hub.raise('go', 'early');
    expect(hub.output()).toBe('early');
  });
});

describe('terminating', () => {
  const parentAndChild = (hub: TestHub): AppFunctions => ({
    orchestrators: {
      main: function* (context) {
        yield context.df.callSubOrchestrator('child', {}, 'child-1');
      },
      child: function* (context) {
        yield context.df.callActivity('slow');
      },
    },
    activities: { slow: () => hub.clock.sleep(10_000) },
  });

  it('ends an instance at once with the reason as plain output, and neither its child nor its activity', async () => {
    const hub = new TestHub(parentAndChild);
    await hub.start();
    hub.engine.operations.terminate('i1', 'no longer needed');
    await hub.engine.caughtUp();
    expect(hub.status()).toBe('Terminated');
    expect(hub.instance().output).toBe('no longer needed');
    expect(hub.status('child-1')).toBe('Running');
    await hub.advance(10);
    expect(hub.status('child-1')).toBe('Completed');
    expect(hub.status()).toBe('Terminated');
  });

  it('trap: of a child ends its parent with an error that the parent cannot catch', async () => {
    const hub = new TestHub({
      orchestrators: {
        main: function* (context) {
          try {
            yield context.df.callSubOrchestrator('child', {}, 'child-1');
          } catch {
            return 'caught';
          }
          return 'no error';
        },
        child: function* (context) {
          yield context.df.waitForExternalEvent('never');
        },
      },
    });
    await hub.start();
    hub.engine.operations.terminate('child-1', 'gone');
    await hub.engine.caughtUp();
    expect(hub.status()).toBe('Failed');
    expect(hub.output()).toMatch(/^Non-Deterministic workflow detected/);
  });

  it('is lost when it comes together with the event that makes the instance continue as new', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.waitForExternalEvent('go');
        context.df.continueAsNew({ generation: 2 });
      }),
    );
    await hub.start({ generation: 1 });
    hub.engine.operations.raiseEvent('i1', 'go', 'null');
    hub.engine.operations.terminate('i1', 'stop');
    await hub.engine.caughtUp();
    expect(hub.status()).toBe('Running');
    expect(hub.instance().input).toBe('{"generation":2}');
  });
});

describe('suspending', () => {
  it('holds events and answers back, and applies them in their order when the instance resumes', async () => {
    const hub = new TestHub(({ clock }) =>
      mainOnly(
        function* (context) {
          const seen: unknown[] = [];
          seen.push(yield context.df.waitForExternalEvent('go'));
          seen.push(yield context.df.callActivity('work'));
          seen.push(yield context.df.waitForExternalEvent('go'));
          return seen;
        },
        { work: () => clock.sleep(1000).then(() => 'worked') },
      ),
    );
    await hub.start();
    hub.engine.operations.suspend('i1', 'a pause');
    await hub.engine.caughtUp();
    expect([hub.status(), hub.output()]).toEqual(['Suspended', 'a pause']);
    await hub.raise('go', 'one');
    await hub.raise('go', 'two');
    await hub.advance(100);
    expect(hub.status()).toBe('Suspended');
    expect(hub.app.calls.some(({ name }) => name === 'work')).toBe(false);
    hub.engine.operations.resume('i1', 'go on');
    await hub.engine.caughtUp();
    expect(hub.status()).toBe('Running');
    await hub.advance(1);
    expect(hub.output()).toEqual(['one', 'worked', 'two']);
  });

  it('keeps back what the same episode would have started', async () => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          return yield context.df.callActivity('work');
        },
        { work: () => 'worked' },
      ),
    );
    hub.engine.operations.start('main', 'i1', null);
    hub.engine.operations.suspend('i1', null);
    await hub.engine.caughtUp();
    expect(hub.history()).toEqual(['12', '0', '19', '13']);
    hub.engine.operations.resume('i1', null);
    await hub.engine.caughtUp();
    expect(hub.output()).toBe('worked');
  });

  it('lets the instance be terminated', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.waitForExternalEvent('go');
      }),
    );
    await hub.start();
    hub.engine.operations.suspend('i1', null);
    await hub.engine.caughtUp();
    hub.engine.operations.terminate('i1', 'enough');
    await hub.engine.caughtUp();
    expect(hub.status()).toBe('Terminated');
  });
});
