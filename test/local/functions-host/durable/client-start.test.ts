import { describe, expect, it } from 'vitest';
import { clientOf } from './support/client-of.ts';
import { TestHub } from './support/test-hub.ts';
import { waitingApp } from './support/waiting-app.ts';

/** Starting instances and sending them events through the library's own client. */

describe('startNew', () => {
  it('starts an instance, with the id given or one of its own', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    expect(await client.startNew('main', { instanceId: 'mine', input: { a: 1 } })).toBe('mine');
    expect(await client.startNew('MAIN')).toMatch(/^[0-9a-f]{32}$/);
    expect((await client.getStatus('mine')).runtimeStatus).toMatch(/Pending|Running/);
  });

  it('trap: without input hands the orchestrator an empty string', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await client.startNew('main', { instanceId: 'i1' });
    await client.raiseEvent('i1', 'go', 1);
    await hub.engine.caughtUp();
    expect(hub.output()).toEqual({ input: '', event: 1, work: 'worked' });
  });

  it('rejects with status 500 while an instance with that id runs, and starts anew when it has finished', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await client.startNew('main', { instanceId: 'i1', input: 1 });
    await hub.engine.caughtUp();
    const before = hub.instance().executionId;
    await expect(client.startNew('main', { instanceId: 'i1', input: 2 })).rejects.toThrow(
      /unexpected status code: 500\. Details: .*An Orchestration instance with the status Running already exists\./,
    );
    expect(hub.instance()).toMatchObject({ executionId: before, input: '1' });
    await client.raiseEvent('i1', 'go', 'one');
    await hub.engine.caughtUp();
    await client.startNew('main', { instanceId: 'i1', input: 3 });
    await hub.engine.caughtUp();
    expect(hub.instance()).toMatchObject({ status: 'Running', input: '3', output: null });
    expect(hub.history().join(' ')).toBe('12 0 13');
  });

  it('replaces a running instance when host.json says AnyState', async () => {
    const hub = new TestHub(waitingApp, { settings: { overridableExistingInstanceStates: 'AnyState' } });
    const client = await clientOf(hub);
    await client.startNew('main', { instanceId: 'i1', input: 1 });
    await hub.engine.caughtUp();
    await client.startNew('main', { instanceId: 'i1', input: 2 });
    await hub.engine.caughtUp();
    expect(hub.instance()).toMatchObject({ status: 'Running', input: '2' });
  });

  it.each([
    ['starts with @', '@id'],
    ['holds a backslash', 'a%5Cb'],
    ['holds a question mark', 'a%3Fb'],
    ['holds a control character', 'a%07b'],
    ['is longer than 256 characters', 'x'.repeat(257)],
  ])('rejects with status 400 an id that %s', async (_what, instanceId) => {
    const client = await clientOf(new TestHub(waitingApp));
    await expect(client.startNew('main', { instanceId })).rejects.toThrow(/status code: 400/);
  });

  it('rejects with status 400 an orchestrator that does not exist, naming those that do', async () => {
    const client = await clientOf(new TestHub(waitingApp));
    await expect(client.startNew('other')).rejects.toThrow(
      /status code: 400.*The function 'other' doesn't exist.*known orchestrator functions: 'main'/,
    );
  });
});

describe('raiseEvent', () => {
  it('resolves for a finished instance and rejects for an unknown one', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await hub.start();
    await client.raiseEvent('i1', 'go', 'once');
    await hub.engine.caughtUp();
    expect(hub.status()).toBe('Completed');
    await client.raiseEvent('i1', 'go', 'twice');
    await expect(client.raiseEvent('unknown', 'go', 1)).rejects.toThrow(
      "No instance with ID 'unknown' found.",
    );
  });

  it('trap: without data is refused', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await hub.start();
    await expect(client.raiseEvent('i1', 'go', undefined)).rejects.toThrow(/status code: 400/);
  });
});
