import type { TimerSchedule } from './timer-schedule.ts';
import type { TimerStatus } from './timer-store.ts';

/** What a timer starts with. */
export interface TimerStart {
  readonly status: TimerStatus;
  /** An occurrence was missed while nobody listened. */
  readonly isPastDue: boolean;
  /** Whether the status differs from the one that was kept. */
  readonly isChanged: boolean;
}

/**
 * Decides from the kept status whether a timer is past due. When the kept next occurrence is not the one that the schedule
 * gives, the schedule was changed: a next occurrence that would lie in the past is then reckoned from now, so that it does
 * not count as missed.
 * @see https://github.com/Azure/azure-webjobs-sdk-extensions (ScheduleMonitor.CheckPastDueAsync)
 */
export function startFromStatus(
  kept: TimerStatus | undefined,
  schedule: TimerSchedule,
  now: number,
): TimerStart {
  if (!kept)
    return {
      status: { last: undefined, next: schedule.next(now), lastUpdated: now },
      isPastDue: false,
      isChanged: true,
    };
  const basis = kept.last ?? kept.lastUpdated ?? now;
  const expected = schedule.next(basis);
  if (kept.next === expected)
    return { status: kept, isPastDue: expected !== undefined && now > expected, isChanged: false };
  const isInThePast = expected !== undefined && now > expected;
  const lastUpdated = isInThePast ? now : basis;
  return {
    status: { last: undefined, next: schedule.next(lastUpdated), lastUpdated },
    isPastDue: false,
    isChanged: true,
  };
}

/**
 * The status after a run. One that began before its time (two machines' clocks differ) counts as begun on time, or it would
 * fire again.
 */
export function statusAfterRun(
  before: TimerStatus,
  schedule: TimerSchedule,
  startedAt: number,
  isScheduledRun: boolean,
): TimerStatus {
  const isEarly = isScheduledRun && before.next !== undefined && before.next > startedAt;
  const last = isEarly ? (before.next ?? startedAt) : startedAt;
  return { last, next: schedule.next(last), lastUpdated: last };
}
