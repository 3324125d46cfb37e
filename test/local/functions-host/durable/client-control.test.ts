import { describe, expect, it } from 'vitest';
import { clientOf } from './support/client-of.ts';
import { inSeconds } from './support/in-seconds.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';
import { waitingApp } from './support/waiting-app.ts';

/** Stopping, holding and removing instances through the library's own client. */

describe('terminate, suspend and resume', () => {
  it('work through the client, and are silent about finished instances', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await hub.start();
    await client.suspend('i1', 'pause');
    await hub.engine.caughtUp();
    expect(hub.status()).toBe('Suspended');
    await client.resume('i1', 'go on');
    await hub.engine.caughtUp();
    expect(hub.status()).toBe('Running');
    await client.terminate('i1', 'enough');
    await hub.engine.caughtUp();
    expect(hub.status()).toBe('Terminated');
    await client.terminate('i1', 'again');
    await expect(client.terminate('unknown', 'x')).rejects.toThrow("No instance with ID 'unknown' found.");
  });

  it('trap: lose what follows an ampersand in their reason, which the client does not encode', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await hub.start();
    await client.terminate('i1', 'salt & pepper');
    await hub.engine.caughtUp();
    expect(hub.instance().output).toBe('salt ');
  });

  it('reject with status 500 what is not running or not suspended', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await hub.start();
    await expect(client.resume('i1', 'x')).rejects.toThrow(/500.*instance is in the Running state/);
    await client.suspend('i1', 'x');
    await hub.engine.caughtUp();
    await expect(client.suspend('i1', 'x')).rejects.toThrow(/500.*instance is in the Suspended state/);
  });
});

describe('purging', () => {
  it('by id removes an instance in any state, and finds none the second time', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await hub.start();
    expect(await client.purgeInstanceHistory('i1')).toEqual({ instancesDeleted: 1 });
    expect(await client.purgeInstanceHistory('i1')).toMatchObject({ instancesDeleted: 0 });
    await expect(client.getStatus('i1')).rejects.toThrow('HTTP 404');
  });

  it('by filter removes finished instances of the time and status asked for', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    for (const id of ['a', 'b', 'c']) await hub.start(null, id);
    await hub.raise('go', 1, 'a');
    await hub.raise('go', 'fail', 'b');
    const createdTimeFrom = new Date(0);
    const filter = { createdTimeFrom, runtimeStatus: ['Completed' as never] };
    expect(await client.purgeInstanceHistoryBy(filter)).toEqual({ instancesDeleted: 1 });
    expect(await client.purgeInstanceHistoryBy(filter)).toMatchObject({ instancesDeleted: 0 });
    expect((await client.getStatusAll()).map(({ instanceId }) => instanceId)).toEqual(['b', 'c']);
  });

  it('trap: by filter removes running instances too, when no status of a finished one is asked for', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await hub.start();
    const createdTimeFrom = new Date(0);
    expect(await client.purgeInstanceHistoryBy({ createdTimeFrom })).toEqual({ instancesDeleted: 1 });
  });

  it('by filter needs a time to start from', async () => {
    const client = await clientOf(new TestHub(waitingApp));
    await expect(client.purgeInstanceHistoryBy({} as never)).rejects.toThrow(/status code: 400/);
  });

  it('leaves what the instance still waited for to be dropped when it falls due', async () => {
    const hub = new TestHub(
      mainOnly(function* (context) {
        yield context.df.createTimer(inSeconds(context, 10));
      }),
    );
    await hub.start();
    hub.engine.operations.purge('i1');
    await hub.advance(10);
    expect(hub.engine.operations.get('i1')).toBeUndefined();
    expect(hub.engine.nextDue).toBeUndefined();
  });
});

describe('what this host refuses', () => {
  it('says so: rewind and entities', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await hub.start();
    await expect(client.rewind('i1', 'again')).rejects.toThrow(
      'The rewind operation is not supported by this host.',
    );
    const entity = { name: 'counter', key: 'k' } as never;
    await expect(client.signalEntity(entity, 'add', 1)).rejects.toThrow(/501.*Durable entities/);
    await expect(client.readEntityState(entity)).rejects.toThrow(/501.*Durable entities/);
  });
});
