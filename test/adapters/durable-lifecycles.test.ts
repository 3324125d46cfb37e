import { describe, expect, it } from 'vitest';
import { DurableLifecycles } from '../../src/adapters/durable-lifecycles.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import type { LifecycleInput } from '../../src/lifecycle/activity-calls.ts';
import { lifecycleName, wakeEvent } from '../../src/lifecycle/orchestrator.ts';
import { identity } from '../lifecycle/build.ts';
import { clientOf } from '../local/functions-host/durable/support/client-of.ts';
import { TestHub, type TestHubOptions } from '../local/functions-host/durable/support/test-hub.ts';
import { failureOf } from './keyturn-cloud.ts';

const id = 'contoso.azurecr.io~team-web';

/** The library's own client on the local engine, with a lifecycle that only counts how often it is woken. */
async function setting(options: TestHubOptions = {}) {
  const hub = new TestHub(
    {
      orchestrators: {
        *[lifecycleName](context) {
          const woken = context.df.getInput<{ woken?: number } & LifecycleInput>();
          const data = yield context.df.waitForExternalEvent(wakeEvent);
          if (data === 'throw') throw new Error('A defect.');
          if (data === 'end') return woken;
          context.df.continueAsNew({ ...woken, woken: (woken.woken ?? 0) + 1 });
          return undefined;
        },
      },
      activities: {},
    },
    options,
  );
  const lifecycles = new DurableLifecycles(await clientOf(hub), systemClock);
  const input = () => JSON.parse(hub.instance(id).input ?? 'null') as unknown;
  return { hub, lifecycles, input };
}

describe('the lifecycles on Durable Functions', () => {
  it('are none before they are started; then they run, with registry and token as input', async () => {
    const { hub, lifecycles, input } = await setting();
    expect(await lifecycles.standing(identity)).toBe('none');
    expect(await lifecycles.start(identity)).toBe('started');
    await hub.engine.caughtUp();
    expect(await lifecycles.standing(identity)).toBe('running');
    expect(input()).toEqual({ registry: 'contoso', token: 'team-web' });
  });

  it('are the same whatever the case of a name', async () => {
    const { lifecycles } = await setting();
    await lifecycles.start(identity);
    expect(await lifecycles.standing({ ...identity, token: 'Team-Web' })).toBe('running');
    expect(await lifecycles.start({ ...identity, loginServer: 'CONTOSO.azurecr.io' })).toBe('exists');
  });

  it('are not started a second time while they run, and not disturbed by the try', async () => {
    const { hub, lifecycles } = await setting();
    await lifecycles.start(identity);
    await hub.engine.caughtUp();
    const { executionId } = hub.instance(id);
    expect(await lifecycles.start(identity)).toBe('exists');
    await hub.engine.caughtUp();
    expect(hub.instance(id)).toMatchObject({ executionId, status: 'Running' });
  });

  it('are woken, as often as it is asked for', async () => {
    const { hub, lifecycles, input } = await setting();
    await lifecycles.start(identity);
    await hub.engine.caughtUp();
    await lifecycles.wake(identity);
    await hub.engine.caughtUp();
    await lifecycles.wake(identity);
    await hub.engine.caughtUp();
    expect(input()).toMatchObject({ woken: 2 });
  });

  it('are woken also when they were started just before', async () => {
    const { hub, lifecycles, input } = await setting();
    await lifecycles.start(identity);
    await lifecycles.wake(identity);
    await hub.engine.caughtUp();
    expect(input()).toMatchObject({ woken: 1 });
  });

  it.each([
    ['completed', (hub: TestHub) => hub.raise(wakeEvent, 'end', id), 'Completed'],
    ['failed', (hub: TestHub) => hub.raise(wakeEvent, 'throw', id), 'Failed'],
    [
      'terminated',
      async (hub: TestHub) => {
        hub.engine.operations.terminate(id, 'by hand');
        await hub.engine.caughtUp();
      },
      'Terminated',
    ],
  ])(
    'that were %s are finished, to wake them does nothing, and they can be started again',
    async (_what, end, status) => {
      const { hub, lifecycles } = await setting();
      await lifecycles.start(identity);
      await hub.engine.caughtUp();
      await end(hub);
      expect(hub.status(id)).toBe(status);
      expect(await lifecycles.standing(identity)).toBe('finished');
      await lifecycles.wake(identity);
      await hub.engine.caughtUp();
      expect(await lifecycles.standing(identity)).toBe('finished');
      expect(await lifecycles.start(identity)).toBe('started');
      await hub.engine.caughtUp();
      expect(await lifecycles.standing(identity)).toBe('running');
    },
  );

  it('that were purged are none', async () => {
    const { hub, lifecycles } = await setting();
    await lifecycles.start(identity);
    await hub.engine.caughtUp();
    hub.engine.operations.purge(id);
    expect(await lifecycles.standing(identity)).toBe('none');
  });

  it('that were suspended by hand run: they look at their commands when they are resumed', async () => {
    const { hub, lifecycles, input } = await setting();
    await lifecycles.start(identity);
    await hub.engine.caughtUp();
    hub.engine.operations.suspend(id, 'by hand');
    await hub.engine.caughtUp();
    expect(await lifecycles.standing(identity)).toBe('running');
    await lifecycles.wake(identity);
    hub.engine.operations.resume(id, 'by hand');
    await hub.engine.caughtUp();
    expect(input()).toMatchObject({ woken: 1 });
  });

  it('that nobody can ask say so in fixed words, since their store is out of order', async () => {
    let reachable = true;
    const { lifecycles } = await setting({ isReachable: () => reachable });
    await lifecycles.start(identity);
    reachable = false;
    const expected = { service: 'orchestrations', status: 500, code: 'unavailable' };
    expect(await failureOf(lifecycles.standing(identity))).toMatchObject({
      ...expected,
      operation: 'standing',
    });
    expect(await failureOf(lifecycles.start(identity))).toMatchObject({ ...expected, operation: 'start' });
    const failure = await failureOf(lifecycles.wake(identity));
    expect(failure).toMatchObject({ ...expected, operation: 'wake' });
    expect(failure.message).toBe('orchestrations wake: unavailable (500)');
    reachable = true;
    expect(await lifecycles.standing(identity)).toBe('running');
  });

  it('that nobody can ask say so also when the host itself does not answer', async () => {
    const hub = new TestHub({ orchestrators: {}, activities: {} });
    const lifecycles = new DurableLifecycles(await clientOf(hub, 'http://127.0.0.1:9'), systemClock);
    expect(await failureOf(lifecycles.standing(identity))).toMatchObject({ code: 'unavailable' });
    expect(await failureOf(lifecycles.wake(identity))).toMatchObject({ code: 'unavailable' });
  });
});
