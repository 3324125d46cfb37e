import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';

/** A command's place among those that came by its entrance. */
export interface IndexedRequest {
  readonly entrance: string;
  readonly key: string;
  readonly token: TokenIdentity;
  /** When the broker took its first copy: the same when it is added again. */
  readonly enqueuedAt: Instant;
}

/**
 * Finds the token's record of a command, and counts commands. Written before the record: an entry may point to a
 * command that was never accepted in the end.
 *
 * @throws ServiceFailure from every method
 */
export interface RequestIndex {
  addRequest(request: IndexedRequest): Promise<void>;
  findRequest(entrance: string, key: string): Promise<TokenIdentity | undefined>;
  /** How many commands were enqueued after `from` and up to `to`; counts no further than `limit`. */
  countRequests(entrance: string, from: Instant, to: Instant, limit: number): Promise<number>;
}
