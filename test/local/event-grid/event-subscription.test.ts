import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../infra/local/clock.ts';
import {
  defaultEventGridSettings,
  type EventGridSettings,
} from '../../../infra/local/event-grid/event-grid-settings.ts';
import { EventSubscription } from '../../../infra/local/event-grid/event-subscription.ts';

/** A clock that stands still until it is run. */
class StandingClock implements Clock {
  #now = 1_800_000_000_000;
  #tasks: { due: number; task: () => void | Promise<void> }[] = [];

  now(): Date {
    return new Date(this.#now);
  }

  schedule(due: Date, task: () => void | Promise<void>): () => void {
    const entry = { due: due.getTime(), task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** Runs all that is scheduled, each at its instant. */
  async run(): Promise<void> {
    for (let next = this.#first(); next; next = this.#first()) {
      this.#tasks = this.#tasks.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.due);
      await next.task();
    }
  }

  #first() {
    return this.#tasks.toSorted((one, other) => one.due - other.due)[0];
  }
}

interface Delivered {
  readonly id: string;
  /** Milliseconds after all of them happened. */
  readonly after: number;
  /** How many came together. */
  readonly together: number;
}

/** What a subscription makes of so many events that happen at one instant. */
async function deliver(
  count: number,
  changes: Partial<EventGridSettings>,
  seed: string,
): Promise<Delivered[]> {
  const clock = new StandingClock();
  const start = clock.now().getTime();
  const delivered: Delivered[] = [];
  const subscription = new EventSubscription({
    clock,
    seed,
    settings: () => ({ ...defaultEventGridSettings, ...changes }),
    deliver: ({ events }) => {
      const after = clock.now().getTime() - start;
      delivered.push(...events.map(({ id }) => ({ id, after, together: events.length })));
    },
  });
  for (let number = 0; number < count; number += 1)
    subscription.take({ id: String(number), type: '', time: '', topic: '', subject: '', data: {} });
  await clock.run();
  return delivered;
}

const range = fc
  .tuple(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 5_000 }))
  .map(([one, other]): [number, number] => [Math.min(one, other), Math.max(one, other)]);
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const settings = fc.record({
  body: fc.constantFrom('object' as const, 'array' as const),
  mostEventsInArray: fc.integer({ min: 1, max: 50 }),
  delayMilliseconds: range,
  duplicates: probability,
  late: fc.record({ probability, milliseconds: range }),
});
const count = fc.integer({ min: 0, max: 60 });

describe('an event subscription', () => {
  it('delivers every event once or twice, within the time that it may take', async () => {
    await fc.assert(
      fc.asyncProperty(count, settings, fc.string(), async (events, changes, seed) => {
        const delivered = await deliver(events, changes, seed);
        const times = Map.groupBy(delivered, ({ id }) => id);
        expect(times.size).toBe(events);
        for (const copies of times.values()) expect([1, 2]).toContain(copies.length);
        const [least, most] = changes.delayMilliseconds;
        const gathering = changes.body === 'array' ? Math.max(most, 1) : 0;
        for (const { after, together } of delivered) {
          expect(after).toBeGreaterThanOrEqual(least);
          expect(after).toBeLessThanOrEqual(most + changes.late.milliseconds[1] + gathering);
          expect(together).toBeLessThanOrEqual(changes.body === 'array' ? changes.mostEventsInArray : 1);
        }
      }),
    );
  });

  it('does the same again with the same seed, and something else with another', async () => {
    const late = { probability: 0.3, milliseconds: [1_000, 60_000] as [number, number] };
    const run = (seed: string) => deliver(100, { duplicates: 0.3, late }, seed);
    const [first, second, other] = [await run('one'), await run('one'), await run('other')];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    const order = first.map(({ id }) => Number(id));
    expect(order).not.toEqual(order.toSorted((one, next) => one - next));
  });
});
