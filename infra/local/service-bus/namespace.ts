import type { Clock } from '../clock.ts';
import type { NamespaceConfig, QueueConfig, SubscriptionConfig, TopicConfig } from './emulator-config.ts';
import { Entrance } from './entities/entrance.ts';
import { MessageQueue, type QueueSettings } from './entities/message-queue.ts';
import { SequenceNumbers } from './entities/sequence-numbers.ts';
import type { StoredMessage } from './entities/stored-message.ts';
import { matchesRules } from './entities/subscription-rules.ts';
import type { EntityAddress } from './entity-address.ts';
import { entityNotFound } from './service-bus-error.ts';

/** What an address leads to. Queues have both sides, topics only an entrance, subscriptions and dead-letter queues only a queue. */
export interface Entity {
  /** Path as configured, for example `topic/Subscriptions/name/$DeadLetterQueue`. */
  readonly name: string;
  /** Where messages are sent to. */
  readonly entrance: Entrance | undefined;
  /** Where they are received from. */
  readonly queue: MessageQueue | undefined;
}

/** All queues, topics and subscriptions, as configured. */
export class Namespace {
  readonly #clock: Clock;
  /** By lower-cased path. */
  readonly #entities = new Map<string, Entity>();

  constructor(config: NamespaceConfig, clock: Clock) {
    this.#clock = clock;
    for (const queue of config.Queues) this.#addQueue(queue);
    for (const topic of config.Topics) this.#addTopic(topic);
  }

  /** @throws ServiceBusError amqp:not-found */
  find(address: EntityAddress, asWritten: string): Entity {
    const path = address.deadLetter ? `${address.entity}/$deadletterqueue` : address.entity;
    const entity = this.#entities.get(path);
    if (!entity) throw entityNotFound(asWritten);
    return entity;
  }

  entities(): Iterable<Entity> {
    return this.#entities.values();
  }

  /** Forgets every message and keeps the entities. */
  clear(): void {
    for (const { entrance, queue } of this.#entities.values()) {
      entrance?.clear();
      queue?.clear();
    }
  }

  #addQueue({ Name, Properties }: QueueConfig): void {
    const queue = this.#addReceivingSide(Name, Properties);
    const entrance = new Entrance({
      clock: this.#clock,
      duplicateWindow: duplicateWindow(Properties),
      defaultTimeToLive: Properties.DefaultMessageTimeToLive,
      numbers: queue.numbers,
      store: (content, sequenceNumber) =>
        queue.store(content, sequenceNumber === undefined ? {} : { sequenceNumber }),
      stored: () => queue.offer(),
    });
    this.#add({ name: Name, entrance, queue });
  }

  #addTopic({ Name, Properties, Subscriptions }: TopicConfig): void {
    const numbers = new SequenceNumbers();
    const subscriptions = Subscriptions.map((subscription) => ({
      rules: subscription.Rules.map((rule) => rule.Properties),
      queue: this.#addSubscription(Name, subscription),
    }));
    const timeToLive = Properties.DefaultMessageTimeToLive;
    const entrance = new Entrance({
      clock: this.#clock,
      duplicateWindow: duplicateWindow(Properties),
      defaultTimeToLive: timeToLive,
      numbers,
      store: (content) => {
        const sequenceNumber = numbers.next();
        for (const { rules, queue } of subscriptions)
          if (matchesRules(rules, content)) queue.store(content, { sequenceNumber, timeToLive });
        return sequenceNumber;
      },
      stored: () => {
        for (const { queue } of subscriptions) queue.offer();
      },
    });
    this.#add({ name: Name, entrance, queue: undefined });
  }

  #addSubscription(topic: string, { Name, Properties }: SubscriptionConfig): MessageQueue {
    const name = `${topic}/Subscriptions/${Name}`;
    const queue = this.#addReceivingSide(name, Properties);
    this.#add({ name, entrance: undefined, queue });
    return queue;
  }

  /** Makes a queue and the dead-letter queue beside it. */
  #addReceivingSide(name: string, properties: SubscriptionConfig['Properties']): MessageQueue {
    const settings: QueueSettings = {
      lockDuration: properties.LockDuration,
      maxDeliveryCount: properties.MaxDeliveryCount,
      defaultTimeToLive: properties.DefaultMessageTimeToLive,
      deadLetterExpired: properties.DeadLetteringOnMessageExpiration,
    };
    const endless = { maxDeliveryCount: undefined, defaultTimeToLive: undefined, deadLetterExpired: false };
    const deadLetterQueue = new MessageQueue({ ...settings, ...endless }, this.#clock);
    this.#add({ name: `${name}/$DeadLetterQueue`, entrance: undefined, queue: deadLetterQueue });
    return new MessageQueue(settings, this.#clock, deadLetterQueue);
  }

  #add(entity: Entity): void {
    this.#entities.set(entity.name.toLowerCase(), entity);
  }
}

/** Up to `count` messages of an entity in sequence order, locked and scheduled ones too. */
export function peekEntity(
  { entrance, queue }: Entity,
  fromSequenceNumber: number,
  count: number,
): StoredMessage[] {
  const active = queue?.peek(fromSequenceNumber, count) ?? [];
  const scheduled = entrance?.peek(fromSequenceNumber, count) ?? [];
  return [...active, ...scheduled]
    .sort((one, other) => one.sequenceNumber - other.sequenceNumber)
    .slice(0, count);
}

function duplicateWindow(
  properties: QueueConfig['Properties'] | TopicConfig['Properties'],
): number | undefined {
  return properties.RequiresDuplicateDetection ? properties.DuplicateDetectionHistoryTimeWindow : undefined;
}
