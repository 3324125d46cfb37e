import type { Instant } from '../contracts/instants.ts';
import type { Clock } from '../ports/clock.ts';
import type { MessageSender } from '../ports/message-sender.ts';
import { troubleOf } from '../ports/trouble.ts';
import type { InboundMessage } from './inbound-message.ts';
import { mayBePutOff, putOff } from './put-off.ts';
import { tryForAWhile } from './try-for-a-while.ts';

/** What a message needs is down; a copy of it comes back then. `why` is of fixed words. */
export interface PutOff {
  readonly result: 'putOff';
  readonly dueAt: Instant;
  readonly why: string;
}

/**
 * Does with a message what may be done twice. What it needs is down: tried for 20 s, then put off, for a week at most.
 *
 * @throws if not even that is possible; then the broker hands it out again, and dead-letters it in the end
 */
export async function tryOrPutOff<Result>(
  message: InboundMessage,
  queue: string,
  act: () => Promise<Result>,
  ports: {
    readonly messages: MessageSender;
    readonly clock: Clock;
    readonly pause: (milliseconds: number) => Promise<void>;
  },
): Promise<Result | PutOff> {
  try {
    return await tryForAWhile(act, ports);
  } catch (error) {
    const why = troubleOf(error).what;
    if (!mayBePutOff(message, ports.clock.now().toISOString())) throw new Error(`Put off for a week: ${why}`);
    return { result: 'putOff', dueAt: await putOff(message, queue, ports), why };
  }
}
