import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import type { Fault } from '../../../infra/local/control/faults.ts';
import type { RequestRecord } from '../../../infra/local/control/request-history.ts';
import type { RunningService } from '../running-service.ts';
import { lastRequest } from './work.ts';

const parts = ['resource-manager', 'key-vault', 'storage'] as const;

const effects: readonly Fault['effect'][] = [
  { kind: 'fail', status: 500 },
  { kind: 'fail', status: 503 },
  { kind: 'throttle', retryAfterSeconds: 1 },
  { kind: 'throttle' },
  { kind: 'drop', when: 'before' },
  { kind: 'drop', when: 'after' },
  { kind: 'damage', how: 'cut' },
];

const draw = fc.record({
  part: fc.constantFrom(...parts),
  effect: fc.constantFrom(...effects),
  chance: fc.integer({ min: 0, max: 99 }),
});

/**
 * Lets so many per cent of the requests to the registry, the vault and the storage go wrong, each in its own way, while
 * something is done. Then all is well again. Gives how many did.
 */
export async function withRandomFaults(
  service: RunningService,
  { perCent, seed }: { perCent: number; seed: number },
  during: () => Promise<void>,
): Promise<number> {
  const draws = fc.sample(draw, { seed, numRuns: 5_000 });
  const begun = lastRequest(service);
  let isOver = false;
  const done = during().finally(() => {
    isOver = true;
  });
  for (let seen = 0; !isOver; await wait(15)) {
    const requests = service.cloud.history.list({ after: begun }).filter(canFail).length;
    for (; seen < requests; seen += 1) {
      const { part, effect, chance } = draws[seen % draws.length] ?? draws[0] ?? { chance: 100 };
      if (part && effect && chance < perCent) service.cloud.faults.inject({ part, effect, times: 1 });
    }
  }
  await done;
  service.cloud.faults.clear();
  return service.cloud.history.list({ after: begun }).filter(({ fault }) => fault !== undefined).length;
}

function canFail({ part }: RequestRecord): boolean {
  return parts.some((each) => each === part);
}
