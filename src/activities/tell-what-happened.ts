import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import { sendEvents } from '../outbox/send-outbox.ts';
import type { OutboxEvent } from '../ports/token-records.ts';
import { troubleOf } from '../ports/trouble.ts';
import type { ActivityPorts } from './activity-ports.ts';

/**
 * Sends what there is to tell of a token. A topic that is down is reported and holds up nothing: the rest of the
 * outbox is left to the next plan. Gives since when it has been there; nothing if all was sent.
 *
 * @throws ServiceFailure if the outbox cannot be changed
 */
export async function tellWhatHappened(
  activity: 'plan' | 'settle',
  identity: TokenIdentity,
  outbox: readonly OutboxEvent[],
  ports: Pick<ActivityPorts, 'records' | 'events' | 'report'>,
): Promise<Instant | undefined> {
  const unsent = await sendEvents(identity, outbox, ports);
  if (!unsent) return undefined;
  const { registry, token } = identity;
  ports.report({ activity, registry, token, ...troubleOf(unsent.why) });
  return unsent.since;
}
