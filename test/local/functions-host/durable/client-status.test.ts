import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { clientOf, serveApi } from './support/client-of.ts';
import { TestHub } from './support/test-hub.ts';
import { waitingApp } from './support/waiting-app.ts';

/** Asking for instances through the library's own client. */

describe('status', () => {
  it('of an unknown instance rejects', async () => {
    const client = await clientOf(new TestHub(waitingApp));
    await expect(client.getStatus('unknown')).rejects.toThrow('HTTP 404');
  });

  it('has input and output even when they are null, and times in seconds', async () => {
    const hub = new TestHub(waitingApp);
    const origin = await serveApi(hub);
    await hub.start();
    const answer = await fetch(`${origin}/durabletask/instances/i1`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([202, '5']);
    expect(answer.headers.get('location')).toBe(`${origin}/durabletask/instances/i1`);
    expect(await answer.json()).toEqual({
      name: 'main',
      instanceId: 'i1',
      runtimeStatus: 'Running',
      input: null,
      customStatus: null,
      output: null,
      createdTime: '2030-01-01T00:00:00Z',
      lastUpdatedTime: '2030-01-01T00:00:00Z',
    });
  });

  it('of a failed instance is 200, or 500 when that is asked for', async () => {
    const hub = new TestHub(waitingApp);
    const origin = await serveApi(hub);
    await hub.start();
    await hub.raise('go', 'fail');
    const url = `${origin}/durabletask/instances/i1`;
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${url}?returnInternalServerErrorOnFailure=true`)).status).toBe(500);
  });

  it('trap: shows the history on request, in a field that the JavaScript client does not read', async () => {
    const hub = new TestHub(waitingApp);
    const origin = await serveApi(hub);
    await hub.start({ a: 1 });
    await hub.raise('go', 1);
    const client = await clientOf(hub, origin);
    const status = await client.getStatus('i1', { showHistory: true, showHistoryOutput: true });
    expect(status.history).toBeUndefined();
    const url = `${origin}/durabletask/instances/i1?showHistory=true&showHistoryOutput=true&showInput=false`;
    const document = (await (await fetch(url)).json()) as { input: unknown; historyEvents: object[] };
    expect(document.input).toBeNull();
    expect(document.historyEvents).toMatchObject([
      { EventType: 'ExecutionStarted', FunctionName: 'main' },
      { EventType: 'EventRaised', Name: 'go' },
      {
        EventType: 'TaskCompleted',
        FunctionName: 'work',
        Result: 'worked',
        ScheduledTime: expect.any(String),
      },
      { EventType: 'ExecutionCompleted', OrchestrationStatus: 'Completed' },
    ]);
  });

  it('of many instances comes page by page, filtered by time and status', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    for (let count = 0; count < 250; count += 1) await hub.start(count, `i${String(count).padStart(3, '0')}`);
    await hub.raise('go', 1, 'i007');
    const all = await client.getStatusAll();
    expect(all.map(({ instanceId }) => instanceId)).toEqual([...new Set(all.map((one) => one.instanceId))]);
    expect(all).toHaveLength(250);
    const completed = await client.getStatusBy({ runtimeStatus: ['Completed' as never] });
    expect(completed.map(({ instanceId }) => instanceId)).toEqual(['i007']);
    const later = new Date(hub.clock.now().getTime() + 1);
    expect(await client.getStatusBy({ createdTimeFrom: later })).toEqual([]);
    expect(await client.getStatusBy({ createdTimeTo: later })).toHaveLength(250);
  });

  it('can be waited for by the client', async () => {
    const hub = new TestHub(waitingApp);
    const client = await clientOf(hub);
    await hub.start();
    const request = new HttpRequest({ method: 'GET', url: 'http://caller.example/api/x' });
    const options = { timeoutInMilliseconds: 1, retryIntervalInMilliseconds: 1 };
    const pending = await client.waitForCompletionOrCreateCheckStatusResponse(request, 'i1', options);
    expect(pending.status).toBe(202);
    const links = (await pending.json()) as { statusQueryGetUri: string };
    expect(links.statusQueryGetUri).toMatch(
      /^http:\/\/caller\.example\/runtime\/webhooks\/durabletask\/instances\/i1\?taskHub=tests&/,
    );
    await hub.raise('go', 1);
    const done = await client.waitForCompletionOrCreateCheckStatusResponse(request, 'i1', options);
    expect([done.status, await done.json()]).toEqual([200, { input: null, event: 1, work: 'worked' }]);
  });
});
