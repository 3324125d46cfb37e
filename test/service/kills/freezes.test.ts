import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fault } from '../../../infra/local/control/faults.ts';
import type { RequestRecord } from '../../../infra/local/control/request-history.ts';
import { repetitions } from '../../counts.ts';
import type { HostProcess } from '../../local/functions-host/sample-app/host-process.ts';
import type { Prober } from '../prober.ts';
import type { RunningService } from '../running-service.ts';
import { Fleet } from './fleet.ts';
import { startQuickService } from './quick-service.ts';
import { isChange, isGeneration, isLogin, keyturnsLogin, lastRequest } from './work.ts';

const freezes = repetitions({ quick: 2, soak: 20 });
const tokens = Array.from({ length: Math.ceil(freezes / 2) }, (_, index) => `team-frozen-${index}`);

/** When to stop a host in the middle of the credential step, and what holds that moment open. */
interface Moment {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** How many of which requests have been answered by then. */
  readonly after: readonly [isOne: (record: RequestRecord) => boolean, count: number];
}

const slowLogins: Fault = {
  part: 'login-server',
  effect: { kind: 'delay', milliseconds: 1_000 },
  match: keyturnsLogin.source,
};

const moments: readonly Moment[] = [
  { name: 'after the password was made', faults: [slowLogins], after: [isGeneration, 1] },
  { name: 'while the password is proven', faults: [slowLogins], after: [isLogin, 2] },
  {
    name: 'while the secret is written',
    faults: [{ part: 'key-vault', effect: { kind: 'delay', milliseconds: 1_000 }, match: '^PUT ' }],
    after: [isLogin, 3],
  },
];

let service: RunningService;
let prober: Prober;
let fleet: Fleet;
let host: HostProcess;

beforeAll(async () => {
  ({ service, prober } = await startQuickService());
  fleet = await Fleet.open(service, prober, tokens);
  host = await service.startHost();
});
afterAll(async () => {
  for (const each of service.hosts) each.thaw();
  await prober.close();
  await fleet.requester.close();
  await service.close();
});

it(
  'publishes once, and never a dead password, when a host is frozen within the credential step and another one takes over',
  async () => {
    for (let index = 0; index < freezes; index += 1) {
      const moment = moments[index % moments.length];
      const token = tokens[Math.floor(index / 2)];
      if (!moment || !token) throw new Error('There is no such freeze.');
      await freezeDuring(moment, () => (index % 2 === 0 ? fleet.request([token]) : fleet.rotate([token])));
    }
    await fleet.expectUnharmed();
  },
  repetitions({ quick: 180_000, soak: 1_200_000 }),
);

/** Freezes the host, lets another one finish, and thaws the first, which then has to leave everything as it is. */
async function freezeDuring({ name, faults, after: [isOne, count] }: Moment, ask: () => Promise<void>) {
  for (const fault of faults) await service.control.injectFault(fault);
  const begun = lastRequest(service);
  await ask();
  await expect.poll(() => since(begun).filter(isOne).length, { timeout: 30_000, interval: 5 }).toBe(count);
  await freezeOutsideTransactions(host);
  await service.control.clearFaults();
  expect(fleet.isSettled, name).toBe(false);
  const other = await service.startHost();
  await fleet.settled();
  const thawed = lastRequest(service);
  const ended = host.log.runsOf('step').length;
  host.thaw();
  await host.log.until('the frozen step ended', () => host.log.runsOf('step').length > ended);
  expect(since(thawed).filter(isChange), name).toEqual([]);
  await host.kill();
  host = other;
}

/** A process that is frozen with the durable store's write lock holds up all others: only this emulator has such a lock. */
async function freezeOutsideTransactions(frozen: HostProcess): Promise<void> {
  const store = new DatabaseSync(join(service.folder, 'host', 'keyturn.sqlite'), { timeout: 0 });
  try {
    for (;;) {
      frozen.freeze();
      try {
        store.exec('BEGIN IMMEDIATE');
        store.exec('ROLLBACK');
        return;
      } catch {
        frozen.thaw();
        await wait(2);
      }
    }
  } finally {
    store.close();
  }
}

function since(sequence: number): RequestRecord[] {
  return service.cloud.history.list({ after: sequence });
}
