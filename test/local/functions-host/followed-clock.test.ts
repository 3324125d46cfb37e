import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MovableClock } from '../../../infra/local/clock.ts';
import { createControlApi } from '../../../infra/local/control/control-api.ts';
import { ControlClient } from '../../../infra/local/control/control-client.ts';
import { Faults } from '../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../infra/local/control/request-history.ts';
import {
  FollowedClock,
  type FollowedClockOptions,
} from '../../../infra/local/functions-host/followed-clock.ts';
import { startTestControl, type TestControl } from './support/start-test-control.ts';

const day = 86_400_000;

/** How far the clock is ahead of the machine's, in whole days. */
function daysAhead(clock: FollowedClock): number {
  return Math.round((clock.now().getTime() - Date.now()) / day);
}

describe('FollowedClock', () => {
  let control: TestControl;
  let clock: FollowedClock;
  let connections: boolean[];

  beforeEach(async () => {
    control = await startTestControl();
    connections = [];
  });
  afterEach(async () => {
    clock?.close();
    await control.close();
  });

  async function follow(options: Partial<FollowedClockOptions> = {}): Promise<void> {
    control.answer({ version: 5, offsetMilliseconds: 2 * day });
    clock = await FollowedClock.follow(control.url, {
      id: 'host-1',
      onConnectionChange: (isConnected) => connections.push(isConnected),
      onTaskError: (error) => {
        throw error;
      },
      ...options,
    });
  }

  const reported = (count: number) =>
    expect.poll(() => control.reports.length, { timeout: 5000 }).toBe(count);

  test('asks for the present state first, and is ahead of the machine by what it is told', async () => {
    await follow();
    expect(daysAhead(clock)).toBe(2);
    await reported(2);
    expect(control.reports).toEqual([
      { id: 'host-1', seen: -1, nextDue: null },
      { id: 'host-1', seen: 5, nextDue: null },
    ]);
  });

  test('hangs up and asks again with the new instant when its next timer is another', async () => {
    await follow();
    await reported(2);
    const due = new Date(clock.now().getTime() + day);
    const cancel = clock.schedule(due, () => {});
    clock.schedule(new Date(due.getTime() + day), () => {});
    await reported(3);
    expect(control.reports[2]).toEqual({ id: 'host-1', seen: 5, nextDue: due.toISOString() });
    await expect.poll(() => control.hangUps).toBe(1);
    cancel();
    await reported(4);
    expect(control.reports[3]?.nextDue).toBe(new Date(due.getTime() + day).toISOString());
  });

  test('says that it has dealt with a move only when what was due is done, and what that made due', async () => {
    await follow();
    const order: string[] = [];
    const start = clock.now().getTime();
    clock.schedule(new Date(start + 2 * day), () => void order.push('second'));
    clock.schedule(new Date(start + day), async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push('first');
      clock.schedule(new Date(start + 1.5 * day), () => void order.push('made by the first'));
    });
    await expect.poll(() => control.reports.at(-1)?.nextDue).toBe(new Date(start + day).toISOString());
    const before = control.reports.length;
    control.answer({ version: 6, offsetMilliseconds: 5 * day });
    await reported(before + 1);
    expect(control.reports.at(-1)).toEqual({ id: 'host-1', seen: 6, nextDue: null });
    expect(order).toEqual(['first', 'made by the first', 'second']);
  });

  test('waits for workers that have to catch up', async () => {
    await follow();
    await reported(2);
    let finish = () => {};
    clock.waitFor({ caughtUp: () => new Promise((resolve) => (finish = resolve)) });
    control.answer({ version: 6, offsetMilliseconds: 3 * day });
    await expect.poll(() => daysAhead(clock)).toBe(3);
    expect(control.reports).toHaveLength(2);
    finish();
    await reported(3);
    expect(control.reports[2]?.seen).toBe(6);
  });

  test('goes on after its patience when something that was due does not end', async () => {
    await follow({ patienceMilliseconds: 50 });
    await reported(2);
    clock.waitFor({ caughtUp: () => new Promise(() => {}) });
    control.answer({ version: 6, offsetMilliseconds: 3 * day });
    await reported(3);
    control.answer({ version: 7, offsetMilliseconds: 4 * day });
    await reported(4);
    expect(daysAhead(clock)).toBe(4);
  });

  test('learns which parts are unreachable', async () => {
    await follow();
    expect(clock.isReachable('durable-store')).toBe(true);
    control.answer({ version: 6, offsetMilliseconds: 0, unreachable: ['durable-store', 'a-later-part'] });
    await expect.poll(() => clock.isReachable('durable-store')).toBe(false);
    control.answer({ version: 7, offsetMilliseconds: 0 });
    await expect.poll(() => clock.isReachable('durable-store')).toBe(true);
  });

  test('asks again when nothing changed', async () => {
    await follow();
    control.answerUnchanged();
    await reported(3);
    expect(control.reports[2]).toEqual({ id: 'host-1', seen: 5, nextDue: null });
  });

  test('runs tasks whose time comes by itself, too', async () => {
    await follow();
    await new Promise<void>((resolve) => void clock.schedule(new Date(clock.now().getTime() + 20), resolve));
  });

  test('keeps its offset while the control API does not answer, and tells when it does again', async () => {
    await follow();
    await control.close();
    await expect.poll(() => connections).toEqual([false]);
    expect(daysAhead(clock)).toBe(2);
  });

  test('hangs up when it is closed, and fires nothing more', async () => {
    await follow();
    await reported(2);
    let fired = false;
    clock.schedule(new Date(clock.now().getTime() + 30), () => {
      fired = true;
    });
    clock.close();
    await expect.poll(() => control.hangUps).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(fired).toBe(false);
    expect(control.reports).toHaveLength(2);
  });

  test('cannot follow where no control API answers', async () => {
    const { url } = control;
    await control.close();
    const following = FollowedClock.follow(url, {
      id: 'x',
      onConnectionChange: () => {},
      onTaskError: () => {},
    });
    await expect(following).rejects.toThrow(`No control API of the local cloud answers at ${url}`);
  });
});

describe('with the local cloud’s control API', () => {
  let cloudClock: MovableClock;
  let clock: FollowedClock;
  let control: ControlClient;
  let close: () => Promise<void>;

  beforeEach(async () => {
    cloudClock = new MovableClock();
    const { listener, feed } = createControlApi({
      clock: cloudClock,
      faults: new Faults(),
      history: new RequestHistory(() => cloudClock.now()),
      issuedPasswords: () => [],
      issuedLoginTokens: () => [],
      registrySettings: () => ({}),
      changeRegistrySettings: () => ({}),
      eventGridSettings: () => ({}),
      changeEventGridSettings: () => ({}),
      heldMessages: () => [],
      reset: async () => {},
    });
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    control = new ControlClient(url);
    clock = await FollowedClock.follow(url, {
      id: 'host',
      onConnectionChange: () => {},
      onTaskError: (error) => {
        throw error;
      },
    });
    close = async () => {
      clock.close();
      feed.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      cloudClock.close();
    };
  });
  afterEach(() => close());

  const hostDay = (start: number) => `host, day ${Math.floor((clock.now().getTime() - start) / day)}`;

  test('a move stops at the follower’s timers, in order with the cloud’s own', async () => {
    const start = cloudClock.now().getTime();
    const order: string[] = [];
    const at = (days: number) => new Date(start + days * day);
    cloudClock.schedule(at(2), () => void order.push('cloud, day 2'));
    clock.schedule(at(1), () => {
      order.push(hostDay(start));
      clock.schedule(at(3), () => void order.push(hostDay(start)));
    });
    cloudClock.schedule(at(4), () => void order.push('cloud, day 4'));
    await control.advance('P30D');
    expect(order).toEqual(['host, day 1', 'cloud, day 2', 'host, day 3', 'cloud, day 4']);
  });

  test('a timer that was set right before a move is not jumped over', async () => {
    for (let round = 0; round < 20; round++) {
      const start = cloudClock.now().getTime();
      const fired: string[] = [];
      clock.schedule(new Date(start + day), () => void fired.push(hostDay(start)));
      await control.advance('P3D');
      expect(fired).toEqual(['host, day 1']);
    }
  });
});
