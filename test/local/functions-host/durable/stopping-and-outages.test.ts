import { describe, expect, it } from 'vitest';
import { inSeconds } from './support/in-seconds.ts';
import { gate, sharedHub } from './support/shared-hub.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

/** Work that is given back, hosts that stop, and a store that cannot be reached for a while. */

describe('what a worker gives back unfinished', () => {
  it('is done again two seconds of machine time later', async () => {
    const { machine, options } = sharedHub();
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          return yield context.df.callActivity('work');
        },
        { work: () => 'worked' },
      ),
      options,
    );
    hub.app.endings.set('main', { kind: 'abandoned' });
    await hub.start();
    await hub.engine.caughtUp();
    expect(hub.app.calls).toHaveLength(1);
    hub.app.endings.clear();
    hub.app.endings.set('work', { kind: 'abandoned' });
    machine.now += 2000;
    await hub.engine.caughtUp();
    expect([hub.status(), hub.app.calls.length]).toEqual(['Running', 3]);
    hub.app.endings.clear();
    machine.now += 2000;
    await hub.engine.caughtUp();
    expect(hub.output()).toBe('worked');
  });
});

describe('stopping a host', () => {
  it('lets what is under way end, and takes on nothing new', async () => {
    const { options } = sharedHub();
    const done = gate();
    const functions = mainOnly(
      function* (context) {
        yield context.df.callActivity('work');
        return yield context.df.callActivity('work');
      },
      { work: () => done.opened.then(() => 'worked') },
    );
    const first = new TestHub(functions, options);
    await first.start();
    const stopped = first.engine.stop(10_000);
    done.open();
    await stopped;
    const second = new TestHub(functions, options);
    expect(second.history().join(' ')).toBe('12 0 4[0] 13');
    await second.engine.caughtUp();
    expect(second.output()).toBe('worked');
    expect(first.app.calls.concat(second.app.calls).filter(({ name }) => name === 'work')).toHaveLength(2);
  });

  it('gives back what does not end in time, for another host to do at once', async () => {
    const { options } = sharedHub();
    const app = (work: () => unknown) =>
      mainOnly(
        function* (context) {
          return yield context.df.callActivity('work');
        },
        { work },
      );
    const first = new TestHub(
      app(() => new Promise(() => {})),
      options,
    );
    await first.start();
    await first.engine.stop(1);
    const second = new TestHub(
      app(() => 'by the second'),
      options,
    );
    await second.engine.caughtUp();
    expect(second.output()).toBe('by the second');
  });
});

describe('a storage outage', () => {
  const functions = mainOnly(
    function* (context) {
      yield context.df.createTimer(inSeconds(context, 10));
      return yield context.df.callActivity('work');
    },
    { work: () => 'worked' },
  );

  it('makes client calls fail, is ridden out by the host, and what fell due meanwhile happens afterwards', async () => {
    const store = { reachable: true };
    const hub = new TestHub(functions, { isReachable: () => store.reachable });
    await hub.start();
    store.reachable = false;
    await hub.advance(60);
    expect(() => hub.engine.operations.get('i1')).toThrow('cannot be reached');
    expect(() => hub.engine.operations.start('main', 'i2', null)).toThrow('cannot be reached');
    store.reachable = true;
    await hub.engine.caughtUp();
    expect(hub.output()).toBe('worked');
    expect(hub.engine.operations.get('i2')).toBeUndefined();
  });

  it('runs an activity again whose answer could not be stored', async () => {
    const store = { reachable: true };
    const { machine, options } = sharedHub();
    let attempts = 0;
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          return yield context.df.callActivity('work');
        },
        {
          work: () => {
            attempts += 1;
            store.reachable = attempts > 1;
            return attempts;
          },
        },
      ),
      { ...options, isReachable: () => store.reachable },
    );
    await hub.start();
    expect(attempts).toBe(1);
    store.reachable = true;
    await hub.engine.caughtUp();
    machine.now += 2000;
    await hub.engine.caughtUp();
    expect([attempts, hub.output()]).toEqual([2, 2]);
  });

  it('runs an episode again that could not be committed, without a trace of the first', async () => {
    const store = { reachable: true };
    const { machine, options } = sharedHub();
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          store.reachable = hub.app.calls.length > 1;
          return yield context.df.callActivity('work');
        },
        { work: () => 'worked' },
      ),
      { ...options, isReachable: () => store.reachable },
    );
    await hub.start();
    store.reachable = true;
    await hub.engine.caughtUp();
    machine.now += 2000;
    await hub.engine.caughtUp();
    expect(hub.output()).toBe('worked');
    expect(hub.history().join(' ')).toBe('12 0 4[0] 13 12 5→0 1 13');
  });
});
