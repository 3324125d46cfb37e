import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { clientOf, key, serveApi } from './support/client-of.ts';
import { inSeconds } from './support/in-seconds.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';

/** The library's own client against the HTTP API. */

const waiting = mainOnly(
  function* (context) {
    const event = yield context.df.waitForExternalEvent('go');
    if (event === 'fail') throw new Error('as asked');
    return { input: context.df.getInput(), event, work: yield context.df.callActivity('work') };
  },
  { work: () => 'worked' },
);

describe('startNew', () => {
  it('starts an instance, with the id given or one of its own', async () => {
    const hub = new TestHub(waiting);
    const client = await clientOf(hub);
    expect(await client.startNew('main', { instanceId: 'mine', input: { a: 1 } })).toBe('mine');
    expect(await client.startNew('MAIN')).toMatch(/^[0-9a-f]{32}$/);
    expect((await client.getStatus('mine')).runtimeStatus).toMatch(/Pending|Running/);
  });

  it('trap: without input hands the orchestrator an empty string', async () => {
    const hub = new TestHub(waiting);
    const client = await clientOf(hub);
    await client.startNew('main', { instanceId: 'i1' });
    await client.raiseEvent('i1', 'go', 1);
    await hub.engine.caughtUp();
    expect(hub.output()).toEqual({ input: '', event: 1, work: 'worked' });
  });

  it('rejects with status 500 while an instance with that id runs, and starts anew when it has finished', async () => {
    const hub = new TestHub(waiting);
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
    const hub = new TestHub(waiting, { settings: { overridableExistingInstanceStates: 'AnyState' } });
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
    const client = await clientOf(new TestHub(waiting));
    await expect(client.startNew('main', { instanceId })).rejects.toThrow(/status code: 400/);
  });

  it('rejects with status 400 an orchestrator that does not exist, naming those that do', async () => {
    const client = await clientOf(new TestHub(waiting));
    await expect(client.startNew('other')).rejects.toThrow(
      /status code: 400.*The function 'other' doesn't exist.*known orchestrator functions: 'main'/,
    );
  });
});

describe('raiseEvent', () => {
  it('resolves for a finished instance and rejects for an unknown one', async () => {
    const hub = new TestHub(waiting);
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
    const hub = new TestHub(waiting);
    const client = await clientOf(hub);
    await hub.start();
    await expect(client.raiseEvent('i1', 'go', undefined)).rejects.toThrow(/status code: 400/);
  });
});

describe('status', () => {
  it('of an unknown instance rejects', async () => {
    const client = await clientOf(new TestHub(waiting));
    await expect(client.getStatus('unknown')).rejects.toThrow('HTTP 404');
  });

  it('has input and output even when they are null, and times in seconds', async () => {
    const hub = new TestHub(waiting);
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
    const hub = new TestHub(waiting);
    const origin = await serveApi(hub);
    await hub.start();
    await hub.raise('go', 'fail');
    const url = `${origin}/durabletask/instances/i1`;
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${url}?returnInternalServerErrorOnFailure=true`)).status).toBe(500);
  });

  it('shows the history on request, in a field that the JavaScript client does not read', async () => {
    const hub = new TestHub(waiting);
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
    const hub = new TestHub(waiting);
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
    const hub = new TestHub(waiting);
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

describe('terminate, suspend and resume', () => {
  it('work through the client, and are silent about finished instances', async () => {
    const hub = new TestHub(waiting);
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

  it('reject with status 500 what is not running or not suspended', async () => {
    const hub = new TestHub(waiting);
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
    const hub = new TestHub(waiting);
    const client = await clientOf(hub);
    await hub.start();
    expect(await client.purgeInstanceHistory('i1')).toEqual({ instancesDeleted: 1 });
    expect(await client.purgeInstanceHistory('i1')).toMatchObject({ instancesDeleted: 0 });
    await expect(client.getStatus('i1')).rejects.toThrow('HTTP 404');
  });

  it('by filter removes finished instances of the time and status asked for', async () => {
    const hub = new TestHub(waiting);
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
    const hub = new TestHub(waiting);
    const client = await clientOf(hub);
    await hub.start();
    const createdTimeFrom = new Date(0);
    expect(await client.purgeInstanceHistoryBy({ createdTimeFrom })).toEqual({ instancesDeleted: 1 });
  });

  it('by filter needs a time to start from', async () => {
    const client = await clientOf(new TestHub(waiting));
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
    const hub = new TestHub(waiting);
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

describe('the public endpoints', () => {
  it('ask for the key and answer like the others', async () => {
    const hub = new TestHub(waiting);
    const origin = await serveApi(hub);
    const base = `${origin}/runtime/webhooks/durabletask`;
    const code = encodeURIComponent(key);
    expect((await fetch(`${base}/instances`)).status).toBe(401);
    expect((await fetch(`${base}/instances?code=wrong`)).status).toBe(401);
    const started = await fetch(`${base}/orchestrators/main/i1?code=${code}`, {
      method: 'POST',
      body: '{"a":1}',
    });
    expect([started.status, started.headers.get('retry-after')]).toEqual([202, '10']);
    const links = (await started.json()) as Record<string, string>;
    expect(Object.keys(links)).toEqual([
      'id',
      'statusQueryGetUri',
      'sendEventPostUri',
      'terminatePostUri',
      'purgeHistoryDeleteUri',
      'restartPostUri',
      'suspendPostUri',
      'resumePostUri',
    ]);
    expect(started.headers.get('location')).toBe(links.statusQueryGetUri);
    const status = await fetch(links.statusQueryGetUri ?? '');
    expect(await status.json()).toMatchObject({ instanceId: 'i1', input: { a: 1 } });
    const withHeader = await fetch(`${base}/instances/i1`, { headers: { 'x-functions-key': key } });
    expect(withHeader.status).toBe(202);
  });

  it.each([
    ['malformed JSON at a start', 'POST', 'orchestrators/main', '{', 'application/json', 400],
    ['malformed JSON in an event', 'POST', 'instances/i1/raiseEvent/go', '{', 'application/json', 400],
    ['an event that is not JSON', 'POST', 'instances/i1/raiseEvent/go', '1', 'text/plain', 400],
    ['an unknown operation', 'POST', 'instances/i1/explode', '', 'application/json', 404],
    ['an unknown path', 'GET', 'nothing', undefined, 'application/json', 404],
    ['a path that is badly encoded', 'GET', 'instances/%E0%A4%A', undefined, 'application/json', 404],
    ['a method that no path has', 'PUT', 'instances/i1', '', 'application/json', 404],
    ['another task hub', 'GET', 'instances/i1?taskHub=Elsewhere', undefined, 'application/json', 501],
  ])('answer %s with an error', async (_what, method, path, body, type, status) => {
    const hub = new TestHub(waiting);
    const origin = await serveApi(hub);
    await hub.start();
    const headers = { 'content-type': type };
    const init = body === undefined ? { method, headers } : { method, headers, body };
    const answer = await fetch(`${origin}/durabletask/${path}`, init);
    expect(answer.status).toBe(status);
  });

  it('start and wait when asked to', async () => {
    const hub = new TestHub(
      mainOnly(
        function* (context) {
          return yield context.df.callActivity('work');
        },
        { work: () => ({ done: true }) },
      ),
    );
    const origin = await serveApi(hub);
    const url = `${origin}/durabletask/orchestrators/main?timeout=10&pollingInterval=0.01`;
    const answer = await fetch(url, { method: 'POST' });
    expect([answer.status, await answer.json()]).toEqual([200, { done: true }]);
  });

  it('restart an instance with its input, under a new id or its own', async () => {
    const hub = new TestHub(waiting);
    const origin = await serveApi(hub);
    await hub.start({ a: 1 });
    await hub.raise('go', 1);
    const url = `${origin}/durabletask/instances/i1/restart`;
    const { id } = (await (await fetch(url, { method: 'POST' })).json()) as { id: string };
    expect(hub.instance(id)).toMatchObject({ name: 'main', input: '{"a":1}' });
    await fetch(`${url}?restartWithNewInstanceId=false`, { method: 'POST' });
    await hub.engine.caughtUp();
    expect(hub.instance()).toMatchObject({ status: 'Running', input: '{"a":1}' });
    expect((await fetch(`${origin}/durabletask/instances/x/restart`, { method: 'POST' })).status).toBe(400);
  });
});
