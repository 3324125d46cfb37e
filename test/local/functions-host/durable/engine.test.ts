import { describe, expect, it } from 'vitest';
import { durableTaskSettings } from '../../../../infra/local/functions-host/durable/engine/durable-task-settings.ts';
import type { AppFunctions } from './support/in-process-app.ts';
import { mainOnly, TestHub, type TestHubOptions, temporaryFolder } from './support/test-hub.ts';

describe('a changed app', () => {
  const callsActivity = (name: string): AppFunctions =>
    mainOnly(
      function* (context) {
        yield context.df.callActivity(name);
        return yield context.df.waitForExternalEvent('go');
      },
      { first: () => 1, second: () => 2, First: () => 1 },
    );

  async function deployed(before: AppFunctions, after: AppFunctions): Promise<TestHub> {
    const dataFolder = temporaryFolder();
    const old = new TestHub(before, { dataFolder });
    await old.start();
    await old.engine.stop();
    const changed = new TestHub(after, { dataFolder });
    await changed.raise('go', 'now');
    return changed;
  }

  it('fails an instance whose sequence it changed, and says what differs', async () => {
    const hub = await deployed(callsActivity('first'), callsActivity('second'));
    expect(hub.status()).toBe('Failed');
    expect(hub.output()).toMatch(
      /^Non-Deterministic workflow detected: .* name 'first', but the current replay instead scheduled 'second'/,
    );
  });

  it('leaves an instance alone when only the case of a name changed', async () => {
    const hub = await deployed(callsActivity('first'), callsActivity('FIRST'));
    expect(hub.output()).toBe('now');
  });

  it('fails an instance whose orchestrator it no longer has, and says which there are', async () => {
    const dataFolder = temporaryFolder();
    const old = new TestHub(callsActivity('first'), { dataFolder });
    old.engine.operations.start('main', 'i1', null);
    await old.engine.stop();
    const orchestrators = {
      other: callsActivity('first').orchestrators.main,
    } as AppFunctions['orchestrators'];
    const changed = new TestHub({ orchestrators }, { dataFolder });
    await changed.engine.caughtUp();
    expect(changed.output()).toMatch(
      /^Orchestrator function 'main' failed: .*The function 'main' doesn't exist.* functions: 'other'\.$/,
    );
  });

  it('fails the task of an activity that it no longer has', async () => {
    const dataFolder = temporaryFolder();
    const main = callsActivity('first').orchestrators;
    const settings = { maxConcurrentActivityFunctions: 1 };
    const blocking = { first: () => new Promise(() => {}) };
    const old = new TestHub({ orchestrators: main, activities: blocking }, { dataFolder, settings });
    await old.start();
    await old.engine.stop(0);
    const changed = new TestHub({ orchestrators: main, activities: {} }, { dataFolder });
    await changed.engine.caughtUp();
    const failed = changed.engine.operations.history('i1').find((event) => event.EventType === 6);
    expect(failed).toMatchObject({
      Reason: "Activity function 'first' failed: Activity function 'first' does not exist.",
    });
  });
});

describe('concurrency limits', () => {
  it('hold for activities and for orchestrators', async () => {
    const running = { activities: 0, most: 0 };
    const hub = new TestHub(
      ({ clock }) =>
        mainOnly(
          function* (context) {
            const calls = Array.from({ length: 20 }, () => context.df.callActivity('work'));
            yield context.df.Task.all(calls);
            return 'done';
          },
          {
            work: async () => {
              running.activities += 1;
              running.most = Math.max(running.most, running.activities);
              await clock.sleep(1000);
              running.activities -= 1;
            },
          },
        ),
      { settings: { maxConcurrentActivityFunctions: 3, maxConcurrentOrchestratorFunctions: 1 } },
    );
    await hub.start();
    await hub.advance(10);
    expect([hub.output(), running.most]).toEqual(['done', 3]);
  });
});

describe('a host that starts', () => {
  it('during a storage outage goes to work when that is over', async () => {
    const store = { reachable: false };
    const options: TestHubOptions = { isReachable: () => store.reachable };
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          return yield context.df.callActivity('work');
        },
        { work: () => 'worked' },
      ),
      options,
    );
    await hub.engine.caughtUp();
    store.reachable = true;
    await hub.start();
    expect(hub.output()).toBe('worked');
  });

  it('again on the same data goes on where it was', async () => {
    const dataFolder = temporaryFolder();
    const functions = mainOnly(function* (context) {
      const events: unknown[] = [];
      for (let count = 0; count < 3; count += 1) events.push(yield context.df.waitForExternalEvent('go'));
      return events;
    });
    for (const value of [1, 2, 3]) {
      const hub = new TestHub(functions, { dataFolder });
      if (value === 1) await hub.start();
      await hub.raise('go', value);
      await hub.engine.stop();
    }
    const last = new TestHub(functions, { dataFolder });
    expect(last.output()).toEqual([1, 2, 3]);
  });
});

describe('host.json', () => {
  it('is honoured under extensions.durableTask, and other settings of the real extension are let through', () => {
    const settings = { hubName: 'MyHub1', storageProvider: { type: 'azureStorage' }, tracing: {} };
    expect(durableTaskSettings.parse(settings)).toMatchObject({
      hubName: 'MyHub1',
      maxOrchestrationActions: 100_000,
    });
  });

  it.each([
    ['a hub name with a dash', { hubName: 'my-hub' }],
    ['a hub name of two letters', { hubName: 'ab' }],
    ['no concurrency at all', { maxConcurrentActivityFunctions: 0 }],
    ['an unknown way to overwrite instances', { overridableExistingInstanceStates: 'Sometimes' }],
  ])('is refused with %s', (_what, settings) => {
    expect(durableTaskSettings.safeParse(settings).success).toBe(false);
  });
});
