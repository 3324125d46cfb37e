import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { repetitions } from '../../counts.ts';
import type { HostProcess } from '../../local/functions-host/sample-app/host-process.ts';
import type { Prober } from '../prober.ts';
import type { RunningService } from '../running-service.ts';
import { Fleet } from './fleet.ts';
import { startQuickService } from './quick-service.ts';
import { lastRequest, workSince } from './work.ts';

const kills = repetitions({ quick: 4, soak: 100 });
/** The first provisions, each further one rotates. */
const rounds = repetitions({ quick: 2, soak: 10 });
/** Every kill meets new work of so many tokens, beside what earlier ones left behind. */
const batch = repetitions({ quick: 3, soak: 4 });
/** Of the moments of the kills; set it to see the same ones again. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

const killsPerRound = kills / rounds;

let service: RunningService;
let prober: Prober;
let fleet: Fleet;

beforeAll(async () => {
  ({ service, prober } = await startQuickService());
  const tokens = Array.from({ length: killsPerRound * batch }, (_, index) => `team-killed-${index}`);
  fleet = await Fleet.open(service, prober, tokens);
});
afterAll(async () => {
  await prober.close();
  await fleet.requester.close();
  await service.close();
});

it(
  'loses no request and no login, and publishes once, however often the host is killed while it provisions and rotates',
  async () => {
    // Provisioning a token takes seven changes and logins, and a rotation five.
    const moments = fc.sample(fc.integer({ min: 0, max: batch * 5 }), { seed, numRuns: kills });
    for (let round = 0; round < rounds; round += 1) {
      // Whoever was rotated a day ago has a free slot again.
      if (round > 0) await service.control.advance('PT25H');
      for (let kill = 0; kill < killsPerRound; kill += 1) {
        const tokens = fleet.tokens.slice(kill * batch, (kill + 1) * batch);
        await (round === 0 ? fleet.request(tokens) : fleet.rotate(tokens));
        await killAfter(moments[round * killsPerRound + kill] ?? 0);
      }
      const last = await startNextHost();
      await fleet.settled();
      if (round < rounds - 1) await last.kill();
    }
    await fleet.expectUnharmed();
    const abandoned = await fleet.abandonedPasswords();
    process.stdout.write(
      `seed ${seed}: ${kills} kills, ${rounds} rounds of ${fleet.tokens.length} tokens, ${abandoned} passwords made and never published\n`,
    );
  },
  repetitions({ quick: 240_000, soak: 3_600_000 }),
);

/** Lets a host work until it has changed or tried out so much, or for some seconds, and kills it. */
async function killAfter(count: number): Promise<void> {
  const begun = lastRequest(service);
  const host = await startNextHost();
  for (const end = Date.now() + 5_000; Date.now() < end && workSince(begun, service).length < count; )
    await wait(5);
  await host.kill();
}

/** Also lets a minute pass: for so long the broker keeps what it had handed to the host before. */
async function startNextHost(): Promise<HostProcess> {
  const host = await service.startHost();
  await service.control.advance('PT61S');
  return host;
}
