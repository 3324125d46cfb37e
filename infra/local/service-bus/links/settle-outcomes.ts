import {
  isUndeliverableHere,
  modifiedProperties,
  rejectedProperties,
  settleDelivery,
} from '../amqp/outcomes.ts';
import type { AmqpDelivery, AmqpSender } from '../amqp/rhea.ts';
import type { MessageQueue } from '../entities/message-queue.ts';
import { lockTokenOf } from '../messages/lock-token.ts';
import { notImplemented } from '../service-bus-error.ts';
import type { ClientLink } from './client-link.ts';

/**
 * Does what the outcomes mean that a receiving client gives its deliveries, and answers each: accepted completes, modified
 * abandons (or would defer, which is refused), rejected dead-letters, released gives back uncounted.
 */
export function settleOutcomes(sender: AmqpSender, queue: MessageQueue, link: ClientLink): void {
  const settle = (verb: string, delivery: AmqpDelivery, effect: (token: string) => void) =>
    link.run({
      request: `${verb} ${link.entityName}`,
      perform: () => effect(lockTokenOf(delivery.tag)),
      answer: (error) => settleDelivery(delivery, error),
    });
  sender.on('accepted', ({ delivery }) => settle('complete', delivery, (token) => queue.complete(token)));
  sender.on('released', ({ delivery }) => settle('release', delivery, (token) => queue.release(token)));
  sender.on('rejected', ({ delivery }) =>
    settle('dead-letter', delivery, (token) => queue.deadLetter(token, rejectedProperties(delivery))),
  );
  sender.on('modified', ({ delivery }) => {
    if (isUndeliverableHere(delivery)) settle('defer', delivery, refuseDeferral);
    else settle('abandon', delivery, (token) => queue.abandon(token, modifiedProperties(delivery)));
  });
}

function refuseDeferral(): never {
  throw notImplemented('Message deferral is');
}
