import { describe, expect, it } from 'vitest';
import type {
  DurableCall,
  FunctionInvoker,
} from '../../../../infra/local/functions-host/durable/function-invoker.ts';
import type { InProcessApp } from './support/in-process-app.ts';
import { gate, redeliveryDelay, sharedHub } from './support/shared-hub.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

/** What is at least once, what is at most once, and who wins: two hosts on one task hub, frozen ones and dead ones. */

describe('an activity on a frozen host', () => {
  it('is given to another host after the time-out, both run to their end, and the first answer wins', async () => {
    const { machine, options } = sharedHub();
    const frozen = gate();
    const ended: string[] = [];
    const app = (name: string, body: () => Promise<unknown>) =>
      mainOnly(
        function* (context) {
          return yield context.df.callActivity('work');
        },
        {
          work: async () => {
            await body();
            ended.push(name);
            return name;
          },
        },
      );
    const first = new TestHub(
      app('first', () => frozen.opened),
      options,
    );
    await first.start();
    const second = new TestHub(
      app('second', () => Promise.resolve()),
      options,
    );
    await second.engine.caughtUp();
    expect(ended).toEqual([]);
    machine.now += redeliveryDelay;
    await second.engine.caughtUp();
    expect([ended, second.output()]).toEqual([['second'], 'second']);
    frozen.open();
    await first.engine.caughtUp();
    expect(ended).toEqual(['second', 'first']);
    expect(first.output()).toBe('second');
    expect(first.history().filter((event) => event === '5→0')).toHaveLength(1);
  });

  it('can still be answered by the first, while the second is at it', async () => {
    const { machine, options } = sharedHub();
    const gates = { first: gate(), second: gate() };
    const app = (name: keyof typeof gates) =>
      mainOnly(
        function* (context) {
          return yield context.df.callActivity('work');
        },
        { work: () => gates[name].opened.then(() => name) },
      );
    const first = new TestHub(app('first'), options);
    await first.start();
    machine.now += redeliveryDelay;
    const second = new TestHub(app('second'), options);
    await second.engine.caughtUp();
    gates.first.open();
    await first.engine.caughtUp();
    expect(second.output()).toBe('first');
    gates.second.open();
    await second.engine.caughtUp();
    expect(second.output()).toBe('first');
  });
});

describe('an activity on a host that is well', () => {
  const functions = (work: () => unknown) =>
    mainOnly(
      function* (context) {
        return yield context.df.callActivity('work');
      },
      { work },
    );

  it('is not given out again, however long it takes', async () => {
    const { machine, options } = sharedHub();
    const done = gate();
    const first = new TestHub(
      functions(() => done.opened),
      options,
    );
    await first.start();
    const second = new TestHub(
      functions(() => 'never'),
      options,
    );
    for (let count = 0; count < 10; count += 1) {
      machine.now += redeliveryDelay / 2;
      await first.engine.caughtUp();
      await second.engine.caughtUp();
    }
    expect(second.app.calls).toHaveLength(0);
    done.open();
    await first.engine.caughtUp();
    expect(first.status()).toBe('Completed');
  });

  it('is given out again, to the same host if there is no other, when that was silent for too long', async () => {
    const { machine, options } = sharedHub();
    const done = gate();
    const hub = new TestHub(
      functions(() => done.opened),
      options,
    );
    await hub.start();
    machine.now += redeliveryDelay;
    await hub.engine.caughtUp();
    expect(hub.app.calls.filter(({ name }) => name === 'work')).toHaveLength(2);
    done.open();
    await hub.engine.caughtUp();
    expect(hub.history().filter((event) => event === '5→0')).toHaveLength(1);
  });
});

/** Ends episodes of an app only when the test lets them. */
function holdingEpisodes(opened: Promise<void>): (app: InProcessApp) => FunctionInvoker {
  return (app) => ({
    registeredName: (kind, name) => app.registeredName(kind, name),
    registeredNames: (kind) => app.registeredNames(kind),
    invokeActivity: (name, input, call) => app.invokeActivity(name, input, call),
    async invokeOrchestrator(name: string, input: string, call: DurableCall) {
      const result = await app.invokeOrchestrator(name, input, call);
      await opened;
      return result;
    },
  });
}

describe('an episode whose lease was lost', () => {
  const functions = mainOnly(
    function* (context) {
      yield context.df.callActivity('work');
      yield context.df.waitForExternalEvent('go');
    },
    { work: () => 1 },
  );

  it('commits nothing: the host that took it over did', async () => {
    const { machine, options } = sharedHub();
    const held = gate();
    const first = new TestHub(functions, { ...options, around: holdingEpisodes(held.opened) });
    await first.start();
    expect(first.status()).toBe('Pending');
    machine.now += redeliveryDelay;
    const second = new TestHub(functions, options);
    await second.engine.caughtUp();
    const history = second.history();
    expect(history.join(' ')).toBe('12 0 4[0] 13 12 5→0 13');
    held.open();
    await first.engine.caughtUp();
    expect(second.history()).toEqual(history);
    expect(first.log.join()).toContain('its lease was lost');
    expect(first.app.calls.concat(second.app.calls).filter(({ name }) => name === 'work')).toHaveLength(1);
  });

  it('commits nothing over an instance that was purged or replaced meanwhile', async () => {
    const held = gate();
    const hub = new TestHub(functions, { around: holdingEpisodes(held.opened) });
    await hub.start();
    hub.engine.operations.purge('i1');
    held.open();
    await hub.engine.caughtUp();
    expect(hub.engine.operations.get('i1')).toBeUndefined();
    expect(hub.app.calls.filter(({ name }) => name === 'work')).toHaveLength(0);
  });

  it('runs on one host at a time', async () => {
    const { options } = sharedHub();
    const held = gate();
    const first = new TestHub(functions, { ...options, around: holdingEpisodes(held.opened) });
    await first.start();
    const second = new TestHub(functions, options);
    second.engine.operations.raiseEvent('i1', 'go', 'null');
    await second.engine.caughtUp();
    expect(second.app.calls).toHaveLength(0);
    held.open();
    await first.engine.caughtUp();
    await second.engine.caughtUp();
    expect(second.status()).toBe('Completed');
  });
});
