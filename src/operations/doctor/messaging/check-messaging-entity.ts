import type { ServiceBusClient } from '@azure/service-bus';
import { type Caller, callOnce } from '../../../adapters/call.ts';
import type { Clock } from '../../../ports/clock.ts';
import { isFailure } from '../../../ports/service-failure.ts';
import type { Check } from '../check.ts';
import { type Diagnosis, ok, type Subject } from '../diagnosis.ts';
import { failed, type Meanings } from '../failed.ts';
import type { MessagingEntity } from './messaging-entities.ts';

const callTimeLimit = 15_000;

/** Whether a queue, topic or subscription is there and lets Keyturn in. Nothing is sent, and nothing taken away. */
export function checkMessagingEntity(entity: MessagingEntity, client: ServiceBusClient, clock: Clock): Check {
  const { kind, name, topic, receives, sends } = entity;
  const subject: Subject = { kind, name: topic === undefined ? name : `${topic}/${name}` };
  const caller: Caller = { service: 'serviceBus', clock, timeLimit: callTimeLimit };
  const attempts: readonly Attempt[] = [
    ...(receives ? [{ verb: 'received', role: 'Receiver', make: () => peek(entity, client) } as const] : []),
    ...(sends ? [{ verb: 'sent', role: 'Sender', make: () => openSender(name, client) } as const] : []),
  ];
  return {
    subject,
    async examine(signal) {
      const refused: Diagnosis[] = [];
      for (const { verb, role, make } of attempts) {
        try {
          await callOnce(caller, verb, { signal }, make);
        } catch (error) {
          refused.push(failed(subject, `messages cannot be ${verb}`, error, meaningsFor(kind, role)));
          if (isFailure(error, 'notFound', 'noIdentity')) break;
        }
      }
      const verbs = attempts.map(({ verb }) => verb).join(' and ');
      return refused.length > 0 ? refused : [ok(subject, `messages can be ${verbs}`)];
    },
  };
}

interface Attempt {
  readonly verb: 'received' | 'sent';
  readonly role: 'Receiver' | 'Sender';
  make(): Promise<unknown>;
}

/** Looks at a message without locking it. */
async function peek({ name, topic }: MessagingEntity, client: ServiceBusClient): Promise<void> {
  const receiver = topic === undefined ? client.createReceiver(name) : client.createReceiver(topic, name);
  try {
    await receiver.peekMessages(1);
  } finally {
    await receiver.close();
  }
}

/** The size of a batch is known only to a link that the service has opened. */
async function openSender(name: string, client: ServiceBusClient): Promise<void> {
  const sender = client.createSender(name);
  try {
    await sender.createMessageBatch();
  } finally {
    await sender.close();
  }
}

export function meaningsFor(kind: MessagingEntity['kind'], role: 'Receiver' | 'Sender'): Meanings {
  return {
    notFound: {
      says: `there is no such ${kind}`,
      remedy: `Make it (deploy again: the infrastructure makes a ${kind} for all that it configures), or correct its name in the configuration.`,
    },
    accessDenied: {
      remedy: `Give the identity the role Azure Service Bus Data ${role} on this ${kind}. Azure may say the same of a ${kind} that is not there.`,
    },
    refused: {
      remedy: `Look whether the ${kind} is active: it may be switched off.`,
    },
  };
}
