import { expect, it } from 'vitest';
import { DurableLifecycleRetention } from '../../src/adapters/durable-lifecycle-retention.ts';
import { DurableLifecycles } from '../../src/adapters/durable-lifecycles.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { lifecycleName, wakeEvent } from '../../src/lifecycle/orchestrator.ts';
import { identity } from '../lifecycle/build.ts';
import { clientOf } from '../local/functions-host/durable/support/client-of.ts';
import { TestHub } from '../local/functions-host/durable/support/test-hub.ts';
import { failureOf } from './keyturn-cloud.ts';

/** The library's own client on the local engine, with a lifecycle that waits, and ends when it is woken. */
async function setting() {
  const hub = new TestHub({
    orchestrators: {
      *[lifecycleName](context) {
        yield context.df.waitForExternalEvent(wakeEvent);
        return 'ended';
      },
    },
    activities: {},
  });
  const client = await clientOf(hub);
  const lifecycles = new DurableLifecycles(client, systemClock);
  return { hub, client, lifecycles, retention: new DurableLifecycleRetention(client, systemClock) };
}

it('a lifecycle that waits is ended and forgotten, and its token can have another', async () => {
  const { lifecycles, retention } = await setting();
  await lifecycles.start(identity);
  expect(await lifecycles.standing(identity)).toBe('running');
  expect(await retention.remove(identity)).toBe(true);
  expect(await lifecycles.standing(identity)).toBe('none');
  expect(await lifecycles.start(identity)).toBe('started');
});

it('a lifecycle that has ended is forgotten; where there is none, there is nothing to do', async () => {
  const { hub, lifecycles, retention } = await setting();
  expect(await retention.remove(identity)).toBe(true);
  await lifecycles.start(identity);
  await lifecycles.wake(identity);
  await hub.engine.caughtUp();
  expect(await lifecycles.standing(identity)).toBe('finished');
  expect(await retention.remove(identity)).toBe(true);
  expect(await lifecycles.standing(identity)).toBe('none');
});

it('a lifecycle whose termination got lost is left to the next run', async () => {
  const { client, lifecycles } = await setting();
  await lifecycles.start(identity);
  const purged: string[] = [];
  const deaf = {
    getStatus: client.getStatus.bind(client),
    startNew: client.startNew.bind(client),
    raiseEvent: client.raiseEvent.bind(client),
    terminate: async () => undefined,
    purgeInstanceHistory: async (id: string) => {
      purged.push(id);
      return { instancesDeleted: 1 };
    },
  };
  expect(await new DurableLifecycleRetention(deaf, systemClock).remove(identity)).toBe(false);
  expect(purged).toEqual([]);
});

it('what goes wrong is told in fixed words', async () => {
  const { client, lifecycles } = await setting();
  await lifecycles.start(identity);
  const broken = {
    getStatus: client.getStatus.bind(client),
    startNew: client.startNew.bind(client),
    raiseEvent: client.raiseEvent.bind(client),
    terminate: async () => {
      throw new Error('The password is p4ss');
    },
    purgeInstanceHistory: client.purgeInstanceHistory.bind(client),
  };
  const failure = await failureOf(new DurableLifecycleRetention(broken, systemClock).remove(identity));
  expect(failure).toMatchObject({ service: 'orchestrations', operation: 'remove' });
  expect(failure.message).not.toContain('p4ss');
});
