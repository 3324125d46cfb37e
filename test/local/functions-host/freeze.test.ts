import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from './sample-app/durable-api.ts';
import type { HostProcess } from './sample-app/host-process.ts';
import { Office } from './sample-app/office.ts';

/**
 * A host that is stopped inside an activity is taken for dead: a second host gets its work. When the first goes on, both
 * attempts run to their end. Who answers first is decided by the counters, which the test opens.
 */

const redeliveryDelay = 'PT1S';
const deadline = 90_000;

let office: Office;

beforeEach(async () => {
  office = await Office.open();
});
afterEach(() => office.close());

describe('an activity whose host is frozen', () => {
  test(
    'is given to another host, whose answer counts; the first attempt runs to its end all the same',
    async () => {
      const { north, south } = await deliverTwice();
      await office.openCounter('south');
      await filed(south, 'south');

      north.thaw();
      await office.openCounter('north');
      await ranToItsEnd(north);
      await expectOneEnd([north, south], 'south');
      expect(await attempts()).toEqual([
        'north: at the counter',
        'south: at the counter',
        'south: signed',
        'north: signed',
      ]);
    },
    deadline,
  );

  test(
    'can still be answered by the first host, while the second is at it',
    async () => {
      const { north, south } = await deliverTwice();
      north.thaw();
      await office.openCounter('north');
      await filed(north, 'north');

      await office.openCounter('south');
      await ranToItsEnd(south);
      await expectOneEnd([north, south], 'north');
      expect(await attempts()).toEqual([
        'north: at the counter',
        'south: at the counter',
        'north: signed',
        'south: signed',
      ]);
    },
    deadline,
  );
});

/** Both hosts are at the same activity, the northern one frozen in it. */
async function deliverTwice(): Promise<{ north: HostProcess; south: HostProcess }> {
  const north = await office.startHost({ redeliveryDelay, settings: { COUNTER_NAME: 'north' } });
  await (await north.durableApi()).start('signDocument', 'document', {});
  await eventually('north is at it', attempts, (lines) => lines.length === 1);
  await freezeOutsideTransactions(north);
  const south = await office.startHost({ redeliveryDelay, settings: { COUNTER_NAME: 'south' } });
  await eventually('south is at it', attempts, (lines) => lines.length === 2);
  return { north, south };
}

/** A process that is stopped inside a transaction would keep the others from the store, which no freeze of a cloud host does. */
async function freezeOutsideTransactions(host: HostProcess): Promise<void> {
  await eventually(
    'the store is free',
    async () => {
      host.freeze();
      const isFree = isStoreFree();
      if (!isFree) host.thaw();
      return isFree;
    },
    (isFree) => isFree,
  );
}

function isStoreFree(): boolean {
  const store = new DatabaseSync(office.taskHubFile, { timeout: 0 });
  try {
    store.exec('BEGIN IMMEDIATE; ROLLBACK');
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.includes('locked')) return false;
    throw error;
  } finally {
    store.close();
  }
}

async function attempts(): Promise<string[]> {
  const signing = ['at the counter', 'signed'];
  return (await office.effects())
    .filter(({ effect }) => signing.includes(effect))
    .map(({ counter, effect }) => `${counter}: ${effect}`);
}

function ranToItsEnd(host: HostProcess): Promise<unknown> {
  return host.log.line(
    'the attempt ended',
    ({ functionName, outcome }) => functionName === 'signAtCounter' && outcome === 'succeeded',
  );
}

/** The first answer was taken: the orchestration has gone on with it, and still runs. */
async function filed(host: HostProcess, signedAt: string): Promise<void> {
  const durable = await host.durableApi();
  await durable.until('document', ({ customStatus }) => customStatus === `filed from ${signedAt}`);
}

/** Both hosts tell of one end, one answer to the activity, and one filing of the document. */
async function expectOneEnd(hosts: readonly HostProcess[], signedAt: string): Promise<void> {
  await (await hosts[0]?.durableApi())?.raiseEvent('document', 'collected', {});
  for (const host of hosts) {
    const durable = await host.durableApi();
    await durable.outcome('document');
    const status = await durable.status('document', 'showHistory=true');
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: { signedAt } });
    const entries = status.historyEvents?.map(({ EventType, FunctionName }) => FunctionName ?? EventType);
    expect(entries).toEqual([
      'signDocument',
      'signAtCounter',
      'fileDocument',
      'EventRaised',
      'ExecutionCompleted',
    ]);
  }
  const filings = (await office.effects()).filter(({ effect }) => effect.startsWith('filed'));
  expect(filings).toMatchObject([{ effect: `filed from ${signedAt}` }]);
}
