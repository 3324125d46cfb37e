import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { repetitions } from '../../../counts.ts';
import { type ControlServer, startControlServer } from './control-server.ts';
import { type DurableApi, eventually } from './durable-api.ts';
import { Office } from './office.ts';
import { expectDone, jobs, missingEffects } from './work-load.ts';

/** Hosts that share a task hub and follow the local cloud's clock. */

const deadline = 120_000;

let control: ControlServer;
let office: Office;

beforeEach(async () => {
  control = await startControlServer();
  office = await Office.open();
});
afterEach(async () => {
  await office.close();
  await control.close();
});

describe('two hosts on one task hub, while the clock moves', () => {
  test(
    'share the work, and do each thing that falls due once and in order',
    async () => {
      const north = await office.startHost({ controlUrl: control.url, settings: { COUNTER_NAME: 'north' } });
      const south = await office.startHost({ controlUrl: control.url, settings: { COUNTER_NAME: 'south' } });
      const apis = [await north.durableApi(), await south.durableApi()];
      const [durable] = apis as [DurableApi, DurableApi];
      const parcels = Array.from({ length: repetitions({ quick: 10, soak: 100 }) }, (_, index) => ({
        instanceId: `parcel-${index}`,
        pollMinutes: 60 + 7 * index,
        arrivesAtPoll: 2 + (index % 3),
      }));
      for (const [index, { instanceId, ...watch }] of parcels.entries())
        await apis[index % 2]?.start('watchParcel', instanceId, { ...watch, giveUpAfterHours: 72 });
      await durable.start('cleanUpHourly', 'clean', { round: 0 });
      await durable.start('approveExpense', 'expense', {});
      const waiting = ['clean', 'expense', ...parcels.map(({ instanceId }) => instanceId)];
      for (const instanceId of waiting)
        await eventually(
          `${instanceId} waits`,
          () => durable.status(instanceId, 'showHistory=true'),
          ({ historyEvents }) =>
            historyEvents?.some(({ EventType }) => EventType === 'TimerCreated') ?? false,
        );

      await control.client.advance('P1D');
      await control.client.advance('P2DT30M');

      for (const { instanceId, pollMinutes, arrivesAtPoll } of parcels)
        expect((await durable.outcome(instanceId)).output).toEqual({
          arrived: true,
          minutes: pollMinutes * (arrivesAtPoll - 1),
        });
      expect((await durable.outcome('expense')).output).toEqual({ outcome: 'escalated' });
      expect(await office.effectsOf('clean')).toEqual(
        Array.from({ length: 73 }, (_, round) => `round ${round}`),
      );
      const counters = new Set((await office.effects()).map(({ counter }) => counter));
      expect(counters).toEqual(new Set(['north', 'south']));
      const timesOfNotice = (await office.effects())
        .map(({ effect }) => /^told after (\d+) minutes$/.exec(effect)?.[1])
        .filter((minutes) => minutes !== undefined)
        .map(Number);
      expect(timesOfNotice).toEqual(timesOfNotice.toSorted((one, other) => one - other));
    },
    deadline,
  );
});

describe('a store that cannot be reached for a while', () => {
  test(
    'holds the work up without losing any of it',
    async () => {
      const host = await office.startHost({
        controlUrl: control.url,
        settings: {
          WORK_MILLISECONDS: String(repetitions({ quick: 250, soak: 120 })),
          AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions: '4',
        },
      });
      const durable = await host.durableApi();
      const all = jobs(repetitions({ quick: 20, soak: 200 }));
      for (const { name, instanceId, input } of all) await durable.start(name, instanceId, input);
      const outages = repetitions({ quick: 2, soak: 10 });
      for (let outage = 1; outage <= outages; outage += 1) {
        const before = (await office.effects()).length;
        await eventually(
          'work goes on',
          async () => (await office.effects()).length,
          (count) => count > before,
        );
        await control.client.setReachable('durable-store', false);
        await untilReachable(durable, false);
        expect(missingEffects(all, await office.effects()).length).toBeGreaterThan(0);
        await control.client.setReachable('durable-store', true);
        await untilReachable(durable, true);
      }
      const ends = [];
      for (const { instanceId } of all) ends.push(await durable.outcome(instanceId));
      expectDone(all, ends, await office.effects());
    },
    deadline,
  );

  test(
    'keeps what falls due meanwhile for afterwards',
    async () => {
      const host = await office.startHost({ controlUrl: control.url });
      const durable = await host.durableApi();
      await durable.start('approveExpense', 'expense', {});
      await eventually(
        'it waits',
        () => durable.status('expense', 'showHistory=true'),
        ({ historyEvents }) => historyEvents?.some(({ EventType }) => EventType === 'TimerCreated') ?? false,
      );
      await control.client.setReachable('durable-store', false);
      await untilReachable(durable, false);
      await control.client.advance('P4D');
      expect(await office.effectsOf('expense')).toEqual(['askManager']);
      await control.client.setReachable('durable-store', true);
      await untilReachable(durable, true);
      const { output } = await durable.outcome('expense');
      expect(output).toEqual({ outcome: 'escalated' });
    },
    deadline,
  );
});

function untilReachable(durable: DurableApi, isReachable: boolean): Promise<boolean> {
  return eventually(
    `the store is ${isReachable ? 'there' : 'away'}`,
    () => durable.isStoreReachable(),
    (answer) => answer === isReachable,
  );
}
