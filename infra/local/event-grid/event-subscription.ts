import type { Clock } from '../clock.ts';
import { seededFraction } from '../registry/seeded-fraction.ts';
import { Agenda } from '../service-bus/entities/agenda.ts';
import type { EventGridSettings } from './event-grid-settings.ts';
import type { EventMessage } from './event-message.ts';
import type { ResourceEvent } from './resource-event.ts';

/** Events that are due at one instant. */
interface Batch {
  readonly due: number;
  readonly events: ResourceEvent[];
}

export interface EventSubscriptionOptions {
  readonly clock: Clock;
  readonly seed: string;
  readonly settings: () => EventGridSettings;
  readonly deliver: (message: EventMessage) => void;
}

/** Holds events back for as long as they take, lets some come twice or late, and puts them into messages. */
export class EventSubscription {
  readonly #options: EventSubscriptionOptions;
  readonly #agenda: Agenda<Batch>;
  /** Those that take on more events, by the instant they are due. */
  readonly #arrays = new Map<number, Batch>();
  #count = 0;

  constructor(options: EventSubscriptionOptions) {
    this.#options = options;
    this.#agenda = new Agenda({
      clock: options.clock,
      isWaiting: () => true,
      onDue: (batch) => this.#deliver(batch),
    });
  }

  take(event: ResourceEvent): void {
    const { duplicates, late } = this.#options.settings();
    this.#count += 1;
    const extra = this.#fraction('late') < late.probability ? this.#within(late.milliseconds, 'lateness') : 0;
    this.#hold(event, 'delay', extra);
    if (this.#fraction('duplicate') < duplicates) this.#hold(event, 'delay of the duplicate', extra);
  }

  /** Forgets what is on its way, and begins the same sequence of chances again. */
  clear(): void {
    this.#agenda.clear();
    this.#arrays.clear();
    this.#count = 0;
  }

  #hold(event: ResourceEvent, purpose: string, extra: number): void {
    const { delayMilliseconds, body } = this.#options.settings();
    const now = this.#options.clock.now().getTime();
    const due = now + this.#within(delayMilliseconds, purpose) + extra;
    if (body === 'object') this.#agenda.add(due, { due, events: [event] });
    else this.#gather(event, due);
  }

  /** Rounds the instant up to a multiple of the longest delay, so that several events are due together. */
  #gather(event: ResourceEvent, exactDue: number): void {
    const step = Math.max(this.#options.settings().delayMilliseconds[1], 1);
    const due = Math.ceil(exactDue / step) * step;
    const batch = this.#arrays.get(due) ?? { due, events: [] };
    batch.events.push(event);
    if (this.#arrays.has(due)) return;
    this.#arrays.set(due, batch);
    this.#agenda.add(due, batch);
  }

  #deliver({ due, events }: Batch): void {
    const { schema, body, mostEventsInArray } = this.#options.settings();
    this.#arrays.delete(due);
    const most = body === 'array' ? mostEventsInArray : 1;
    for (let start = 0; start < events.length; start += most)
      this.#options.deliver({ schema, body, events: events.slice(start, start + most) });
  }

  #within([least, most]: readonly [number, number], purpose: string): number {
    return least + Math.floor(this.#fraction(purpose) * (most - least + 1));
  }

  #fraction(purpose: string): number {
    return seededFraction(this.#options.seed, this.#count, purpose);
  }
}
