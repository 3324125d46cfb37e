import { describe, expect, it } from 'vitest';
import { untimely } from '../../src/policy/timeliness.ts';

describe('a command', () => {
  it.each([
    ['sent a day after its time is fresh', '2026-03-01T12:00:00.000Z', '2026-03-02T12:00:00.000Z', undefined],
    ['sent a millisecond later is stale', '2026-03-01T12:00:00.000Z', '2026-03-02T12:00:00.001Z', 'stale'],
    ['sent years later is stale', '0001-01-01T00:00:00.000Z', '2026-03-01T12:00:00.000Z', 'stale'],
    [
      'sent by a clock five minutes fast is fresh',
      '2026-03-01T12:05:00.000Z',
      '2026-03-01T12:00:00.000Z',
      undefined,
    ],
    [
      'sent by one a millisecond faster is not',
      '2026-03-01T12:05:00.001Z',
      '2026-03-01T12:00:00.000Z',
      'fromTheFuture',
    ],
    ['from the end of time is not', '9999-12-31T23:59:59.999Z', '2026-03-01T12:00:00.000Z', 'fromTheFuture'],
  ])('%s', (_sentence, time, enqueuedAt, expected) => {
    expect(untimely(time, enqueuedAt, 'P1D')).toBe(expected);
  });
});
