import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ControlServer, startControlServer } from './control-server.ts';
import { type CheckStatusLinks, type DurableApi, eventually, type InstanceStatus } from './durable-api.ts';
import type { HostProcess } from './host-process.ts';
import { Office } from './office.ts';

/**
 * The patterns of the Durable Functions documentation in an app that knows nothing of this host, driven over HTTP alone. Hours
 * and days pass on the local cloud's clock.
 */

let control: ControlServer;
let office: Office;
let host: HostProcess;
let durable: DurableApi;

beforeAll(async () => {
  control = await startControlServer();
  office = await Office.open();
  host = await office.startHost({ controlUrl: control.url });
  durable = await host.durableApi();
});
afterAll(async () => {
  await office.close();
  await control.close();
});

/** Starts an orchestration through the app's own HTTP function. */
async function start(name: string, instanceId: string, input: unknown): Promise<CheckStatusLinks> {
  const response = await post(`${host.origin}/api/orchestrators/${name}?instanceId=${instanceId}`, input);
  expect(response.status).toBe(202);
  return (await response.json()) as CheckStatusLinks;
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function outcomeOf(name: string, instanceId: string, input: unknown): Promise<unknown> {
  await start(name, instanceId, input);
  const { runtimeStatus, output } = await durable.outcome(instanceId);
  expect(runtimeStatus).toBe('Completed');
  return output;
}

describe('function chaining', () => {
  test('hands each step what the one before gave, and tells how far it is', async () => {
    expect(await outcomeOf('processOrder', 'order-1', { amount: 7 })).toEqual({
      parcel: 'parcel with receipt for reservation of 7',
    });
    expect(await office.effectsOf('order-1')).toEqual(['reserveStock', 'chargeCard', 'shipOrder']);
    expect((await durable.status('order-1')).customStatus).toBe('shipped');
  });
});

describe('fan-out/fan-in', () => {
  test('counts all pages and adds them up in the order of the pages', async () => {
    const pages = ['one', 'one two', '', 'one two three', 'one'];
    expect(await outcomeOf('countWords', 'book-1', { pages })).toEqual({ counts: [1, 2, 0, 3, 1], total: 7 });
    const effects = await office.effectsOf('book-1');
    expect(effects.slice(0, -1).toSorted()).toEqual(['page 0', 'page 1', 'page 2', 'page 3', 'page 4']);
    expect(effects.at(-1)).toBe('total 7');
  });
});

describe('async HTTP API', () => {
  test('answers 202 with links, 202 with a place to ask again while it runs, and 200 with the output', async () => {
    const response = await post(`${host.origin}/api/orchestrators/approveExpense?instanceId=async-1`, {});
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toBe('10');
    const links = (await response.json()) as CheckStatusLinks;
    expect(links.id).toBe('async-1');
    expect(response.headers.get('location')).toBe(links.statusQueryGetUri);

    const running = await fetch(links.statusQueryGetUri);
    expect(running.status).toBe(202);
    expect(running.headers.get('location')).toContain('/instances/async-1');
    await eventually(
      'the manager is asked',
      () => office.effectsOf('async-1'),
      (effects) => effects.length > 0,
    );
    const raised = await post(links.sendEventPostUri.replace('{eventName}', 'decision'), { approved: true });
    expect(raised.status).toBe(202);

    const finished = await eventually(
      'the status',
      () => fetch(links.statusQueryGetUri),
      ({ status }) => status === 200,
    );
    expect(await finished.json()).toMatchObject({
      name: 'approveExpense',
      instanceId: 'async-1',
      runtimeStatus: 'Completed',
      output: { outcome: 'paid' },
    });
  });

  test('gives the outcome itself to those who wait for something quick', async () => {
    await start('processOrder', 'quick-1', { amount: 1 });
    const response = await fetch(`${host.origin}/api/orchestrations/quick-1/outcome?timeout=30000`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ parcel: 'parcel with receipt for reservation of 1' });
  });

  test('gives links to those who wait for something slow', async () => {
    await start('approveExpense', 'slow-1', {});
    const response = await fetch(`${host.origin}/api/orchestrations/slow-1/outcome?timeout=200`);
    expect(response.status).toBe(202);
    const { terminatePostUri } = (await response.json()) as CheckStatusLinks;
    expect((await fetch(terminatePostUri.replace('{text}', 'test+over'), { method: 'POST' })).status).toBe(
      202,
    );
    expect(await durable.outcome('slow-1')).toMatchObject({
      runtimeStatus: 'Terminated',
      output: 'test over',
    });
  });

  test('answers 500 to a second start while the first runs', async () => {
    await start('approveExpense', 'twice-1', {});
    const again = await post(`${host.origin}/api/orchestrators/approveExpense?instanceId=twice-1`, {});
    expect(again.status).toBe(500);
  });
});

describe('monitor', () => {
  test('asks at its own interval until the parcel is there', async () => {
    await start('watchParcel', 'parcel-1', { pollMinutes: 150, giveUpAfterHours: 48, arrivesAtPoll: 5 });
    await polled('parcel-1', 1);
    await control.client.advance('PT12H');
    const { output } = await durable.outcome('parcel-1');
    expect(output).toEqual({ arrived: true, minutes: 600 });
    expect((await office.effectsOf('parcel-1')).at(-1)).toBe('told after 600 minutes');
  });

  test('gives up when it is too late', async () => {
    await start('watchParcel', 'parcel-2', { pollMinutes: 90, giveUpAfterHours: 10, arrivesAtPoll: 100 });
    await polled('parcel-2', 1);
    await control.client.advance('PT9H');
    expect((await durable.outcome('parcel-2')).output).toEqual({ arrived: false, minutes: 540 });
    expect(await office.effectsOf('parcel-2')).toEqual(Array.from({ length: 7 }, () => 'askCarrier'));
  });

  async function polled(instanceId: string, times: number): Promise<void> {
    const isWaiting = ({ historyEvents }: InstanceStatus) =>
      historyEvents?.filter(({ EventType }) => EventType === 'TimerCreated').length === times;
    await eventually('the monitor waits', () => durable.status(instanceId, 'showHistory=true'), isWaiting);
  }
});

describe('human interaction', () => {
  test('pays when the manager agrees in time', async () => {
    await asked('expense-1');
    expect((await decide('expense-1', { approved: true })).status).toBe(202);
    expect((await durable.outcome('expense-1')).output).toEqual({ outcome: 'paid' });
    expect(await office.effectsOf('expense-1')).toEqual(['askManager', 'payExpense']);
  });

  test('refuses when the manager does not agree', async () => {
    await asked('expense-2');
    await control.client.advance('P2DT23H');
    expect((await durable.status('expense-2')).runtimeStatus).toBe('Running');
    await decide('expense-2', { approved: false });
    expect((await durable.outcome('expense-2')).output).toEqual({ outcome: 'refused' });
  });

  test('escalates when nobody has decided for three days, and takes no decision afterwards', async () => {
    await asked('expense-3');
    await control.client.advance('P3D');
    expect((await durable.outcome('expense-3')).output).toEqual({ outcome: 'escalated' });
    expect(await office.effectsOf('expense-3')).toEqual(['askManager', 'escalate']);
    expect((await decide('expense-3', { approved: true })).status).toBe(409);
  });

  test('knows no expense that was never started, and no decision that is none', async () => {
    expect((await decide('expense-9', { approved: true })).status).toBe(404);
    expect((await decide('expense-9', { approved: 'yes' })).status).toBe(400);
  });

  async function asked(instanceId: string): Promise<void> {
    await start('approveExpense', instanceId, {});
    await eventually(
      'the time-out is set',
      () => durable.status(instanceId, 'showHistory=true'),
      ({ historyEvents }) => historyEvents?.some(({ EventType }) => EventType === 'TimerCreated') ?? false,
    );
  }

  function decide(instanceId: string, decision: unknown): Promise<Response> {
    return post(`${host.origin}/api/expenses/${instanceId}/decision`, decision);
  }
});

describe('eternal orchestration', () => {
  test('runs each hour, with a history that does not grow, until it is terminated and purged', async () => {
    const links = await start('cleanUpHourly', 'clean-1', { round: 0 });
    await eventually('it waits', () => durable.status('clean-1', 'showHistory=true'), isWaiting);
    await control.client.advance('PT12H1M');
    expect(await office.effectsOf('clean-1')).toEqual(
      Array.from({ length: 13 }, (_, round) => `round ${round}`),
    );
    const status = await durable.status('clean-1', 'showHistory=true');
    expect(status).toMatchObject({ runtimeStatus: 'Running', input: { round: 12 } });
    expect(status.historyEvents?.map(({ EventType }) => EventType)).toEqual([
      'ExecutionStarted',
      'TaskCompleted',
      'TimerCreated',
    ]);
    await fetch(links.terminatePostUri.replace('{text}', 'enough'), { method: 'POST' });
    expect(await durable.outcome('clean-1')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    const purged = await fetch(links.purgeHistoryDeleteUri, { method: 'DELETE' });
    expect(await purged.json()).toEqual({ instancesDeleted: 1 });
    expect((await fetch(links.statusQueryGetUri)).status).toBe(404);
  });

  test('takes one event for each generation, each of them once', async () => {
    await start('readGauge', 'gauge-1', { readings: [], silentHours: 0 });
    for (const [index, value] of [3, 1, 2].entries()) {
      await gaugeHas(index);
      await durable.raiseEvent('gauge-1', 'reading', { value, isLast: false });
    }
    await gaugeHas(3);
    await control.client.advance('PT2H30M');
    await durable.until('gauge-1', ({ customStatus }) => (customStatus as Gauge).silentHours === 2);
    await durable.raiseEvent('gauge-1', 'reading', { value: 9, isLast: true });
    expect((await durable.outcome('gauge-1')).output).toEqual({ readings: [3, 1, 2, 9], silentHours: 2 });
    expect(await office.effectsOf('gauge-1')).toEqual([
      'reading 3',
      'reading 1',
      'reading 2',
      'reading silence',
      'reading silence',
      'reading 9',
    ]);
  });

  interface Gauge {
    readonly readings: readonly number[];
    readonly silentHours: number;
  }

  const gaugeHas = (readings: number) =>
    durable.until(
      'gauge-1',
      ({ customStatus }) => (customStatus as Gauge | null)?.readings.length === readings,
    );

  const isWaiting = ({ historyEvents }: InstanceStatus) =>
    historyEvents?.some(({ EventType }) => EventType === 'TimerCreated') ?? false;
});

describe('sub-orchestrations', () => {
  test('sets up all devices as instances of their own', async () => {
    const devices = ['lamp', 'lock', 'lift'];
    expect(await outcomeOf('setUpSite', 'site-1', { devices })).toEqual({
      addresses: ['lamp.site.example', 'lock.site.example', 'lift.site.example'],
    });
    const children = await durable.list('instanceIdPrefix=site-1:');
    expect(children.map(({ instanceId, name, runtimeStatus }) => [instanceId, name, runtimeStatus])).toEqual([
      ['site-1:lamp', 'setUpDevice', 'Completed'],
      ['site-1:lift', 'setUpDevice', 'Completed'],
      ['site-1:lock', 'setUpDevice', 'Completed'],
    ]);
    expect(await office.effectsOf('site-1:lamp')).toEqual(['registerDevice', 'configureDevice']);
  });
});

describe('compensation', () => {
  test('keeps a trip whose parts could all be booked', async () => {
    const parts = ['flight', 'hotel', 'car'];
    expect(await outcomeOf('bookTrip', 'trip-1', { parts, soldOut: [] })).toEqual({
      booked: parts,
      cancelled: [],
    });
  });

  test('cancels what was booked, last first, when a part fails', async () => {
    const trip = { parts: ['flight', 'hotel', 'car', 'guide'], soldOut: ['car'] };
    expect(await outcomeOf('bookTrip', 'trip-2', trip)).toEqual({
      booked: [],
      cancelled: ['hotel', 'flight'],
      reason: 'sold out',
    });
    expect(await office.effectsOf('trip-2')).toEqual([
      'book flight',
      'book hotel',
      'cancel hotel',
      'cancel flight',
    ]);
  });
});

describe('retries', () => {
  test('tries again after one and two minutes, and goes on when it succeeds', async () => {
    await start('callPartner', 'partner-1', { failures: 2 });
    await attempted('partner-1');
    await control.client.advance('PT3M30S');
    expect((await durable.outcome('partner-1')).output).toEqual({
      answer: 'answered at attempt 3',
      minutes: 3,
    });
  });

  test('gives up after four attempts with the error of the last', async () => {
    await start('callPartner', 'partner-2', { failures: 9 });
    await attempted('partner-2');
    await control.client.advance('PT7M30S');
    expect((await durable.outcome('partner-2')).output).toEqual({ gaveUp: true, isTheirs: true, minutes: 7 });
    expect(await office.effectsOf('partner-2')).toHaveLength(4);
  });

  async function attempted(instanceId: string): Promise<void> {
    await eventually(
      'it waits for the next attempt',
      () => durable.status(instanceId, 'showHistory=true'),
      ({ historyEvents }) => historyEvents?.some(({ EventType }) => EventType === 'TimerCreated') ?? false,
    );
  }
});

describe('operations from outside', () => {
  test('a suspended orchestration takes an event only when it is resumed', async () => {
    await start('approveExpense', 'pause-1', {});
    await eventually(
      'the manager is asked',
      () => office.effectsOf('pause-1'),
      (effects) => effects.length > 0,
    );
    expect((await durable.operate('pause-1', 'suspend', 'audit')).status).toBe(202);
    await durable.until('pause-1', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await durable.raiseEvent('pause-1', 'decision', { approved: true });
    expect((await durable.operate('pause-1', 'resume', 'audit over')).status).toBe(202);
    expect((await durable.outcome('pause-1')).output).toEqual({ outcome: 'paid' });
  });

  test('what has ended can be neither terminated nor told anything: 410', async () => {
    await outcomeOf('processOrder', 'gone-1', { amount: 1 });
    expect((await durable.operate('gone-1', 'terminate', 'late')).status).toBe(410);
    await expect(durable.raiseEvent('gone-1', 'decision', {})).rejects.toThrow('410');
  });
});
