import { describe, expect, test } from 'vitest';
import {
  startFromStatus,
  statusAfterRun,
} from '../../../../infra/local/functions-host/timers/schedule-monitor.ts';
import type { TimerSchedule } from '../../../../infra/local/functions-host/timers/timer-schedule.ts';
import type { TimerStatus } from '../../../../infra/local/functions-host/timers/timer-store.ts';

/** Fires whenever the instant can be divided by the interval. */
function every(interval: number): TimerSchedule {
  return {
    next: (after) => (Math.floor(after / interval) + 1) * interval,
    isTooFrequentToMonitor: () => false,
    adjustsForDaylightSaving: true,
    description: `every ${interval}`,
  };
}

describe('startFromStatus', () => {
  const table: Record<
    string,
    { kept: TimerStatus | undefined; interval: number; now: number; isPastDue: boolean; next: number }
  > = {
    'starts anew without a kept status': {
      kept: undefined,
      interval: 100,
      now: 250,
      isPastDue: false,
      next: 300,
    },
    'goes on where it was': {
      kept: { last: 200, next: 300, lastUpdated: 200 },
      interval: 100,
      now: 299,
      isPastDue: false,
      next: 300,
    },
    'is not past due at the very instant': {
      kept: { last: 200, next: 300, lastUpdated: 200 },
      interval: 100,
      now: 300,
      isPastDue: false,
      next: 300,
    },
    'is past due after the kept next occurrence, however many were missed': {
      kept: { last: 200, next: 300, lastUpdated: 200 },
      interval: 100,
      now: 1234,
      isPastDue: true,
      next: 300,
    },
    'is past due when it never fired but its first occurrence has passed': {
      kept: { last: undefined, next: 300, lastUpdated: 250 },
      interval: 100,
      now: 301,
      isPastDue: true,
      next: 300,
    },
    'is not past due when the schedule was changed, and reckons from now': {
      kept: { last: 200, next: 300, lastUpdated: 200 },
      interval: 70,
      now: 1234,
      isPastDue: false,
      next: 1260,
    },
    'reckons from the last run when the changed schedule has its next occurrence ahead': {
      kept: { last: 200, next: 300, lastUpdated: 200 },
      interval: 1000,
      now: 301,
      isPastDue: false,
      next: 1000,
    },
  };
  for (const [sentence, { kept, interval, now, isPastDue, next }] of Object.entries(table))
    test(sentence, () => {
      const start = startFromStatus(kept, every(interval), now);
      expect(start).toMatchObject({ isPastDue, status: { next } });
    });
});

describe('statusAfterRun', () => {
  test('reckons the next occurrence from the start of the run, not from its end', () => {
    const before = { last: 100, next: 200, lastUpdated: 100 };
    expect(statusAfterRun(before, every(100), 205, true)).toEqual({ last: 205, next: 300, lastUpdated: 205 });
  });

  test('takes a run that began too early for one on time, so that it does not fire twice', () => {
    const before = { last: 100, next: 200, lastUpdated: 100 };
    expect(statusAfterRun(before, every(100), 199, true)).toEqual({ last: 200, next: 300, lastUpdated: 200 });
  });

  test('reckons from the run itself when it was not a scheduled one', () => {
    const before = { last: 100, next: 200, lastUpdated: 100 };
    expect(statusAfterRun(before, every(100), 150, false)).toEqual({
      last: 150,
      next: 200,
      lastUpdated: 150,
    });
  });
});
