import { describe, expect, it } from 'vitest';
import { key, serveApi } from './support/client-of.ts';
import { mainOnly, TestHub } from './support/test-hub.ts';
import { waitingApp } from './support/waiting-app.ts';

/** The HTTP API as it is from outside. */

describe('the public endpoints', () => {
  it('ask for the key and answer like the others', async () => {
    const hub = new TestHub(waitingApp);
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
    const hub = new TestHub(waitingApp);
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
    const hub = new TestHub(waitingApp);
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

  it('answer 500 with the reason during a storage outage', async () => {
    const store = { reachable: true };
    const hub = new TestHub(waitingApp, { isReachable: () => store.reachable });
    const origin = await serveApi(hub);
    await hub.start();
    store.reachable = false;
    for (const [method, path] of [
      ['GET', 'instances/i1'],
      ['POST', 'orchestrators/main'],
      ['POST', 'instances/i1/raiseEvent/go'],
      ['DELETE', 'instances/i1'],
    ]) {
      const answer = await fetch(`${origin}/durabletask/${path}`, { method: method ?? 'GET' });
      expect([path, answer.status]).toEqual([path, 500]);
      expect(await answer.json()).toMatchObject({
        Message: 'Something went wrong while processing your request',
        ExceptionMessage: expect.stringContaining('cannot be reached'),
      });
    }
  });
});
