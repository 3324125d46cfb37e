import { Temporal } from 'temporal-polyfill';
import type { TimerSchedule } from './timer-schedule.ts';
import type { TimerStatus } from './timer-store.ts';

/**
 * The JSON text that a timer function gets. `status` is the one before this run; it is null when the timer is not monitored.
 */
export function timerInfo(
  schedule: TimerSchedule,
  status: TimerStatus | undefined,
  isPastDue: boolean,
  timeZone: string,
): string {
  return JSON.stringify({
    Schedule: { AdjustForDST: schedule.adjustsForDaylightSaving },
    ScheduleStatus: status
      ? {
          Last: localTime(status.last, timeZone),
          Next: localTime(status.next, timeZone),
          LastUpdated: localTime(status.lastUpdated, timeZone),
        }
      : null,
    IsPastDue: isPastDue,
  });
}

/** Local time with its offset, as .NET writes it; no instant is the beginning of its calendar. */
function localTime(instant: number | undefined, timeZone: string): string {
  if (instant === undefined) return '0001-01-01T00:00:00+00:00';
  return Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: 'never' });
}
