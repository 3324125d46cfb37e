import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../contracts/instants.ts';

// Clocks on the wall of a time zone, and the moments at which they show something. Where clocks are put forward, a time
// that they skip comes at the moment of the change; where they are put back, a time that they show twice comes the
// first time. So a later time of the wall clock never comes earlier, and each comes once.

/** When the clocks of a time zone come to a date and time. */
export function instantOfWallClock(wall: Temporal.PlainDateTime, timeZone: string): Instant {
  const zoned = wall.toZonedDateTime(timeZone, { disambiguation: 'compatible' });
  const isShown = zoned.toPlainDateTime().equals(wall);
  if (isShown) return textOf(zoned.toInstant());
  const change = zoned.add({ seconds: 1 }).getTimeZoneTransition('previous');
  return textOf((change ?? zoned).toInstant());
}

/** What the clocks of a time zone show at a moment, to the second. */
export function wallClockAt(instant: Instant, timeZone: string): Temporal.PlainDateTime {
  const zoned = Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone);
  return zoned.toPlainDateTime().round({ smallestUnit: 'second', roundingMode: 'floor' });
}

/** The latest time, to the second, to which the clocks of a time zone have come by a moment. */
export function latestWallClock(by: Instant, timeZone: string): Temporal.PlainDateTime {
  const shown = wallClockAt(by, timeZone);
  const first = shown.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const isShownAgain = first.epochMilliseconds <= Date.parse(by) - 1_000;
  if (!isShownAgain) return shown;
  const change = first.getTimeZoneTransition('next');
  if (!change) return shown;
  const secondBefore = change.toInstant().subtract({ seconds: 1 });
  return secondBefore.toZonedDateTimeISO(timeZone).toPlainDateTime();
}

function textOf(instant: Temporal.Instant): Instant {
  return instant.toString({ smallestUnit: 'millisecond' });
}
