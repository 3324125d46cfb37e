import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { repetitions } from '../../counts.ts';
import type { HostProcess } from './sample-app/host-process.ts';
import { Office } from './sample-app/office.ts';
import { expectDone, type Job, jobs, missingEffects } from './sample-app/work-load.ts';

const orchestrations = repetitions({ quick: 24, soak: 200 });
const kills = repetitions({ quick: 4, soak: 50 });

/** Slow enough that work is left at the last kill, whatever the machine: four activities at once, 150 ms each. */
const options = {
  redeliveryDelay: 'PT1S',
  settings: {
    WORK_MILLISECONDS: '150',
    AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions: '4',
  },
};

let office: Office;

beforeEach(async () => {
  office = await Office.open();
});
afterEach(() => office.close());

test(
  `${orchestrations} orchestrations end with the right results, and without an effect missing, although their host is killed ${kills} times`,
  async () => {
    const all = jobs(orchestrations);
    let host = await office.startHost(options);
    await startAll(host, all);
    for (let killed = 0; killed < kills; killed += 1) {
      await wait(Math.random() * 500);
      const left = missingEffects(all, await office.effects()).length;
      expect(left, `effects left at kill ${killed + 1}`).toBeGreaterThan(0);
      await host.kill();
      host = await restart();
    }
    const durable = await host.durableApi();
    const ends = [];
    for (const { instanceId } of all) ends.push(await durable.outcome(instanceId));
    expectDone(all, ends, await office.effects());
  },
  repetitions({ quick: 90_000, soak: 600_000 }),
);

async function startAll(host: HostProcess, all: readonly Job[]): Promise<void> {
  const durable = await host.durableApi();
  for (const { name, instanceId, input } of all) await durable.start(name, instanceId, input);
}

/** One host in five is killed again before or while it starts, the next one at the latest when it is up. */
async function restart(): Promise<HostProcess> {
  if (Math.random() < 0.2) {
    const stillborn = office.spawnHost(options);
    await wait(Math.random() * 1000);
    await stillborn.kill();
  }
  return office.startHost(options);
}
