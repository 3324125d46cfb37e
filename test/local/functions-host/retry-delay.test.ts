import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRetried, retryDelay } from '../../../infra/local/functions-host/invocations/retry-delay.ts';

const backoff = { strategy: 'exponentialBackoff', maxRetryCount: 5, minimum: 1000, maximum: 10_000 } as const;

describe('isRetried', () => {
  test('says yes as often as maxRetryCount', () => {
    expect(
      [0, 1, 2].map((retries) => isRetried({ strategy: 'fixedDelay', maxRetryCount: 2, delay: 1 }, retries)),
    ).toEqual([true, true, false]);
  });

  test('says yes for ever for -1', () => {
    expect(isRetried({ strategy: 'fixedDelay', maxRetryCount: -1, delay: 1 }, 1_000_000)).toBe(true);
  });
});

describe('retryDelay', () => {
  test('is always the same for a fixed delay', () => {
    const fixed = { strategy: 'fixedDelay', maxRetryCount: 2, delay: 500 } as const;
    expect([1, 2, 3].map((retry) => retryDelay(fixed, retry))).toEqual([500, 500, 500]);
  });

  test('is the minimum, then the minimum plus a share that doubles, up to the maximum', () => {
    expect([1, 2, 3, 4, 5, 6].map((retry) => retryDelay(backoff, retry, 0.5))).toEqual([
      1000, 2000, 3000, 5000, 9000, 10_000,
    ]);
  });

  test('never leaves minimum and maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (retry, random) => {
          const delay = retryDelay(backoff, retry, random);
          expect(delay).toBeGreaterThanOrEqual(backoff.minimum);
          expect(delay).toBeLessThanOrEqual(backoff.maximum);
        },
      ),
    );
  });
});
