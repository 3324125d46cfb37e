import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lifecycleName } from '../../../src/lifecycle/orchestrator.ts';
import { repetitions } from '../../counts.ts';
import type { HostProcess } from '../../local/functions-host/sample-app/host-process.ts';
import type { Prober } from '../prober.ts';
import type { RunningService } from '../running-service.ts';
import { Fleet } from './fleet.ts';
import { startQuickService } from './quick-service.ts';
import { withRandomFaults } from './random-faults.ts';

const batch = repetitions({ quick: 2, soak: 12 });
/** How long things go wrong. */
const duration = repetitions({ quick: 4_000, soak: 60_000 });
/** Of the faults; set it to see the same ones again. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

let service: RunningService;
let prober: Prober;
let fleet: Fleet;
let host: HostProcess;

beforeAll(async () => {
  ({ service, prober } = await startQuickService());
  const tokens = Array.from({ length: 3 * batch }, (_, index) => `team-unlucky-${index}`);
  fleet = await Fleet.open(service, prober, tokens);
  host = await service.startHost();
  await fleet.request(fleet.tokens.slice(0, batch));
  await fleet.settled();
});
afterAll(async () => {
  await prober.close();
  await fleet.requester.close();
  await service.close();
});

it.each(
  [
    { perCent: 30, known: batch },
    { perCent: 5, known: 2 * batch },
  ].slice(0, repetitions({ quick: 1, soak: 2 })),
)(
  'ends as it should after $perCent % of all requests failed for a while',
  async ({ perCent, known }) => {
    await service.control.advance('PT25H');
    const faults = await withRandomFaults(service, { perCent, seed }, async () => {
      await fleet.rotate(fleet.tokens.slice(0, known));
      await fleet.request(fleet.tokens.slice(known, known + batch));
      // At the machine's pace: to move the clock would wait for what goes wrong again and again.
      for (const end = Date.now() + duration; Date.now() < end && !fleet.isSettled; ) await wait(100);
    });
    // What backs off does so for an hour at most.
    while (!fleet.isSettled) await passTime('PT10M');
    await fleet.expectUnharmed(fleet.tokens.slice(0, known + batch));
    const instances = await (await host.durableApi()).list('');
    expect(instances.map(({ name, runtimeStatus }) => `${name} ${runtimeStatus}`)).toEqual(
      Array(known + batch).fill(`${lifecycleName} Running`),
    );
    process.stdout.write(`seed ${seed}: ${faults} requests failed at ${perCent} %\n`);
  },
  900_000,
);

/** By both clocks: work that failed waits by the cloud's, and a lease that was left behind ends by the machine's. */
async function passTime(duration: string): Promise<void> {
  await service.control.advance(duration);
  await wait(250);
}
