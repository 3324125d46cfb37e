import type { Configuration } from '../configuration/configuration.ts';
import type { Instant } from '../contracts/instants.ts';
import { wakeLifecycle } from '../intake/wake-lifecycle.ts';
import { minute, plus } from '../lifecycle/instant-arithmetic.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { Lifecycles } from '../ports/lifecycles.ts';

const lookAtGrace = 10 * minute;
const pendingGrace = 5 * minute;
/** Lifecycles that are woken at the same time. */
const atATime = 16;

export interface ReconcilePorts {
  readonly configuration: Configuration;
  readonly inventory: Pick<Inventory, 'listLate'>;
  readonly lifecycles: Lifecycles;
}

/** What reconcile did about one late lifecycle. */
export interface LateLifecycle {
  readonly registry: string;
  readonly token: string;
  readonly lookAt?: Instant | undefined;
  readonly pendingSince?: Instant | undefined;
  /** An error: it could not be reached, and is tried again next time. */
  readonly result: 'started' | 'woken' | { readonly error: unknown };
}

/**
 * Starts or wakes every lifecycle that is 10 minutes past the moment it promised to act, or has had a command pending
 * for more than 5 minutes. So nothing depends on a wake-up arriving, or on an orchestration that nobody can end.
 * The one that cannot be woken does not keep the others from it.
 *
 * @throws ServiceFailure if the inventory cannot be read
 */
export async function* wakeLateLifecycles(
  now: Instant,
  ports: ReconcilePorts,
): AsyncGenerator<LateLifecycle> {
  const before = { lookAt: plus(now, -lookAtGrace), pendingSince: plus(now, -pendingGrace) };
  for (const { name, loginServer } of ports.configuration.registries.values()) {
    let group: Promise<LateLifecycle>[] = [];
    for await (const { token, lookAt, pendingSince } of ports.inventory.listLate(name, before)) {
      const identity = { registry: name, loginServer, token };
      const about = { registry: name, token, lookAt, pendingSince };
      group.push(wake(identity, ports).then((result) => ({ ...about, result })));
      if (group.length < atATime) continue;
      yield* await Promise.all(group);
      group = [];
    }
    yield* await Promise.all(group);
  }
}

async function wake(token: TokenIdentity, { lifecycles }: ReconcilePorts): Promise<LateLifecycle['result']> {
  try {
    return await wakeLifecycle(token, lifecycles);
  } catch (error) {
    return { error };
  }
}
