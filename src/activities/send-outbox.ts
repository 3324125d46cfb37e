import type { TokenIdentity } from '../lifecycle/state.ts';
import type { ActivityPorts } from './activity-ports.ts';

/**
 * Sends what is still to be told of a token, in its order, and forgets what was sent. What is sent twice, since this
 * was stopped in between, bears the same id.
 *
 * @throws ServiceFailure
 */
export async function sendOutbox(
  token: TokenIdentity,
  { records, events }: Pick<ActivityPorts, 'records' | 'events'>,
): Promise<void> {
  for (const { key, event } of await records.readOutbox(token)) {
    await events.publish(event);
    await records.removeFromOutbox(token, [key]);
  }
}
