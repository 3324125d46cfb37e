import { assert, asyncProperty, constant, integer, oneof } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RememberedCounts } from '../../src/adapters/remembered-counts.ts';
import { MemoryClock } from '../activities/memory/memory-clock.ts';
import { second, start } from '../lifecycle/build.ts';

/** So many things, and how often they were read. */
function counting(things: number) {
  const clock = new MemoryClock(start);
  const counts = new RememberedCounts(clock);
  const state = { things, reads: 0 };
  const read = async () => {
    state.reads += 1;
    return state.things;
  };
  return { clock, state, count: (limit: number, key = 'a') => counts.count(key, limit, read) };
}

describe('a count far below its limit', () => {
  it('is read once in 30 seconds, and grows by one with each ask', async () => {
    const { clock, state, count } = counting(10);
    expect([await count(100), await count(100), await count(100)]).toEqual([10, 11, 12]);
    clock.time += 30 * second - 1;
    expect(await count(100)).toBe(13);
    expect(state.reads).toBe(1);
    clock.time += 1;
    expect(await count(100)).toBe(10);
    expect(state.reads).toBe(2);
  });

  it('is read anew when the clock was set back', async () => {
    const { clock, state, count } = counting(10);
    await count(100);
    clock.time -= 1;
    await count(100);
    expect(state.reads).toBe(2);
  });

  it('is remembered for each key by itself', async () => {
    const { state, count } = counting(10);
    expect([await count(100, 'a'), await count(100, 'b')]).toEqual([10, 10]);
    expect(state.reads).toBe(2);
  });
});

describe('a count near its limit', () => {
  it('is read each time, from nine tenths of the limit on', async () => {
    const { state, count } = counting(90);
    expect([await count(100), await count(100), await count(100)]).toEqual([90, 90, 90]);
    expect(state.reads).toBe(3);
  });

  it('is read again before the asks in between could make it nine tenths', async () => {
    const { state, count } = counting(898);
    expect([await count(1_000), await count(1_000), await count(1_000)]).toEqual([898, 899, 898]);
    expect(state.reads).toBe(2);
  });

  it('is read each time where asks that are under way at once could pass it unseen', async () => {
    const { state, count } = counting(0);
    expect([await count(64), await count(64)]).toEqual([0, 0]);
    expect(state.reads).toBe(2);
  });

  it('is read for a lower limit, though it was remembered for a higher one', async () => {
    const { state, count } = counting(10);
    await count(100);
    expect(await count(10)).toBe(10);
    expect(state.reads).toBe(2);
  });
});

it('a quota is never passed, nor reached too soon, by one process that adds something after each ask', async () => {
  const pause = oneof(constant(0), integer({ min: 0, max: 40 * second }));
  await assert(
    asyncProperty(
      integer({ min: 1, max: 60 }),
      integer({ min: 0, max: 60 }),
      pause,
      async (limit, had, gap) => {
        const { clock, state, count } = counting(Math.min(had, limit));
        for (let asks = 0; asks < 80; asks += 1) {
          const isFull = (await count(limit)) >= limit;
          expect(isFull).toBe(state.things >= limit);
          if (!isFull) state.things += 1;
          clock.time += gap;
        }
        expect(state.things).toBe(limit);
      },
    ),
  );
});
