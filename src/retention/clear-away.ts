import type { Instant } from '../contracts/instants.ts';
import { clearHistories } from './clear-histories.ts';
import { clearRequests } from './clear-requests.ts';
import { forgetNames } from './forget-names.ts';
import { type Limits, type RetentionPorts, usualLimits } from './retention-ports.ts';

/** One kind of thing that was cleared away; an error: the rest of it is left to the next run. */
export interface Cleared {
  readonly kind: 'history' | 'requests' | 'names';
  readonly result:
    | { readonly count: number; readonly tokens?: readonly string[] }
    | { readonly error: unknown };
}

/**
 * What retention does in one run: clears away what has outlived its time, up to a limit of each kind. One kind that
 * cannot be cleared away does not keep the others from it.
 */
export async function* clearAway(
  now: Instant,
  ports: RetentionPorts,
  limits: Limits = usualLimits,
): AsyncGenerator<Cleared> {
  yield await attempt('history', async () => ({ count: await clearHistories(now, limits.histories, ports) }));
  yield await attempt('requests', async () => ({ count: await clearRequests(now, limits.requests, ports) }));
  yield await attempt('names', async () => {
    const forgotten = await forgetNames(now, limits.names, ports);
    return {
      count: forgotten.length,
      tokens: forgotten.map(({ registry, token }) => `${registry}/${token}`),
    };
  });
}

async function attempt(
  kind: Cleared['kind'],
  clear: () => Promise<Extract<Cleared['result'], { readonly count: number }>>,
): Promise<Cleared> {
  try {
    return { kind, result: await clear() };
  } catch (error) {
    return { kind, result: { error } };
  }
}
