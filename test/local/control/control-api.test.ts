import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovableClock } from '../../../infra/local/clock.ts';
import type { CloudState } from '../../../infra/local/control/clock-feed.ts';
import { createControlApi } from '../../../infra/local/control/control-api.ts';
import { ControlClient } from '../../../infra/local/control/control-client.ts';
import { Faults } from '../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../infra/local/control/request-history.ts';
import { listen } from '../../../infra/local/http/listen.ts';

const clock = new MovableClock();
const faults = new Faults();
const history = new RequestHistory(() => clock.now());
let resets = 0;
let settings: Record<string, unknown> = { replicationSeconds: 60 };
let eventGridSettings: Record<string, unknown> = { enabled: true };
let server: Server;
let closeFeed: () => void;
let url: string;
let control: ControlClient;

beforeEach(async () => {
  const { listener, feed } = createControlApi({
    clock,
    faults,
    history,
    issuedPasswords: () => ['first', 'second'],
    issuedLoginTokens: () => ['third'],
    registrySettings: () => settings,
    changeRegistrySettings: (changes) => {
      settings = { ...settings, ...(changes as Record<string, unknown>) };
      return settings;
    },
    eventGridSettings: () => eventGridSettings,
    changeEventGridSettings: (changes) => {
      eventGridSettings = { ...eventGridSettings, ...(changes as Record<string, unknown>) };
      return eventGridSettings;
    },
    heldMessages: () => [{ entity: 'token-requests', body: 'x' }],
    reset: async () => {
      resets += 1;
    },
  });
  closeFeed = () => feed.close();
  server = createServer(listener);
  const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'control');
  url = `http://127.0.0.1:${port}`;
  control = new ControlClient(url);
});

afterEach(async () => {
  closeFeed();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  faults.clear();
  history.clear();
});

async function poll(
  id: string,
  seen: number,
  nextDue: Date | null,
  signal?: AbortSignal,
): Promise<CloudState> {
  const response = await fetch(`${url}/clock/followers/${id}`, {
    method: 'POST',
    body: JSON.stringify({ seen, nextDue }),
    ...(signal ? { signal } : {}),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as CloudState;
}

const hour = 3_600_000;
const inHours = (hours: number) => new Date(clock.now().getTime() + hours * hour);

describe('the control API', () => {
  it('moves the clock by a duration and to an instant', async () => {
    const before = await control.now();
    const after = await control.advance('P30D');
    expect(after.getTime() - before.getTime()).toBeGreaterThanOrEqual(30 * 24 * hour);
    const target = new Date(after.getTime() + 5 * hour);
    expect((await control.advanceTo(target)).getTime()).toBeGreaterThanOrEqual(target.getTime());
  });

  it('injects faults, makes parts unreachable and takes both back', async () => {
    await control.injectFault({
      part: 'key-vault',
      effect: { kind: 'throttle', retryAfterSeconds: 3 },
      times: 1,
    });
    expect(faults.take('key-vault', 'GET /')).toEqual({ kind: 'throttle', retryAfterSeconds: 3 });
    await control.setReachable('storage', false);
    expect(faults.isReachable('storage')).toBe(false);
    await control.clearFaults('storage');
    expect(faults.isReachable('storage')).toBe(true);
  });

  it('shows the request history, the passwords, the messages and the settings of registry and Event Grid', async () => {
    history.add({ part: 'identity', request: 'GET /msi/token', outcome: 200 });
    history.add({ part: 'key-vault', request: 'GET /secrets', outcome: 200 });
    expect(await control.requests({ part: 'key-vault' })).toMatchObject([
      { request: 'GET /secrets', outcome: 200 },
    ]);
    expect(await control.issuedPasswords()).toEqual(['first', 'second']);
    expect(await control.issuedLoginTokens()).toEqual(['third']);
    expect(await control.heldMessages()).toEqual([{ entity: 'token-requests', body: 'x' }]);
    expect(await control.changeRegistrySettings({ replicationSeconds: 5 })).toEqual({
      replicationSeconds: 5,
    });
    expect(await control.registrySettings()).toEqual({ replicationSeconds: 5 });
    expect(await control.changeEventGridSettings({ enabled: false })).toEqual({ enabled: false });
    expect(await control.eventGridSettings()).toEqual({ enabled: false });
    await control.clearRequests();
    expect(await control.requests()).toEqual([]);
  });

  it('resets the cloud', async () => {
    const before = resets;
    await control.reset();
    expect(resets).toBe(before + 1);
  });

  it.each([
    ['POST', '/clock/advance', '{"by":"30 days"}', '"30 days" is not an ISO 8601 duration'],
    ['POST', '/clock/advance', '{"by":"-PT1H"}', 'The clock only moves forward'],
    ['POST', '/clock/advance', '{', 'JSON'],
    ['POST', '/faults', '{"part":"moon"}', 'part'],
    ['PUT', '/parts/moon/reachable', 'true', 'Invalid option'],
    ['PUT', '/parts/storage/reachable', '"no"', 'expected boolean'],
    ['POST', '/clock/followers/a', '{"seen":"now"}', 'seen'],
  ])('refuses %s %s with %s and says why', async (method, path, body, reason) => {
    const response = await fetch(`${url}${path}`, { method, body });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain(reason);
  });

  it('answers an unknown path with 404 and names it', async () => {
    const response = await fetch(`${url}/nowhere`);
    expect([response.status, await response.json()]).toEqual([404, { error: 'There is no GET /nowhere' }]);
  });

  it('gives the client the reason as an error', async () => {
    await expect(control.advance('soon')).rejects.toThrow(
      'POST /clock/advance: 400 "soon" is not an ISO 8601 duration such as PT90S or P30D',
    );
  });
});

describe('following the clock from another program', () => {
  it('tells the present state at once to a follower that has seen none', async () => {
    const state = await poll('host', -1, null);
    expect(state).toEqual({ version: state.version, offsetMilliseconds: clock.offset, unreachable: [] });
  });

  it('stops at each timer of the follower and waits until it says that it is done there', async () => {
    let { version } = await poll('host', -1, null);
    const due = inHours(1);
    const stopped = poll('host', version, due);
    const moved = control.advance('PT3H');
    const atTimer = await stopped;
    expect(clock.now().getTime() - due.getTime()).toBeLessThan(hour);
    version = atTimer.version;
    let arrived = false;
    void moved.then(() => {
      arrived = true;
    });
    const secondDue = new Date(due.getTime() + hour);
    const atSecond = await poll('host', version, secondDue);
    expect(arrived).toBe(false);
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(secondDue.getTime());
    const atEnd = await poll('host', atSecond.version, null);
    const goneAtEnd = new AbortController();
    const last = poll('host', atEnd.version, null, goneAtEnd.signal).catch(() => {});
    await moved;
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(due.getTime() + 2 * hour);
    goneAtEnd.abort();
    await last;
  });

  it('does not wait for a follower that hung up', async () => {
    const { version } = await poll('host', -1, null);
    const hangUp = new AbortController();
    const arrived = once(server, 'request');
    const polling = poll('host', version, inHours(1), hangUp.signal);
    const [, response] = (await arrived) as [IncomingMessage, ServerResponse];
    hangUp.abort();
    await expect(polling).rejects.toThrow();
    await once(response, 'close');
    const before = clock.now();
    await control.advance('P10D');
    expect(clock.now().getTime() - before.getTime()).toBeGreaterThanOrEqual(240 * hour);
  });

  it('stops at the timers of a follower on a busy machine, which hung up and is slow to ask again', async () => {
    const { version } = await poll('slow', -1, null);
    const hangUp = new AbortController();
    const arrived = once(server, 'request');
    const polling = poll('slow', version, null, hangUp.signal).catch(() => {});
    const [, response] = (await arrived) as [IncomingMessage, ServerResponse];
    hangUp.abort();
    await Promise.all([polling, once(response, 'close')]);
    const due = inHours(1);
    const moved = control.advance('PT3H');
    await wait(1_000);
    const before = await poll('slow', version, due);
    const stop = await poll('slow', before.version, due);
    expect(stop.offsetMilliseconds - before.offsetMilliseconds).toBeLessThan(1.1 * hour);
    const last = await poll('slow', stop.version, null);
    const hangUpAtEnd = new AbortController();
    const end = poll('slow', last.version, null, hangUpAtEnd.signal).catch(() => {});
    await moved;
    hangUpAtEnd.abort();
    await end;
  });

  it('lets a follower that asks again because its next timer changed go on following', async () => {
    const { version } = await poll('host', -1, null);
    const hangUp = new AbortController();
    const first = poll('host', version, inHours(10), hangUp.signal).catch(() => {});
    const due = inHours(1);
    const second = poll('host', version, due);
    hangUp.abort();
    await first;
    const moved = control.advance('PT2H');
    const stop = await second;
    const final = await poll('host', stop.version, null);
    expect(final.offsetMilliseconds).toBeGreaterThan(stop.offsetMilliseconds);
    const hangUpAtEnd = new AbortController();
    const last = poll('host', final.version, null, hangUpAtEnd.signal).catch(() => {});
    await moved;
    hangUpAtEnd.abort();
    await last;
  });

  it('tells followers at once which parts became unreachable', async () => {
    const { version } = await poll('host', -1, null);
    const polling = poll('host', version, null);
    await control.setReachable('durable-store', false);
    expect((await polling).unreachable).toEqual(['durable-store']);
  });
});
