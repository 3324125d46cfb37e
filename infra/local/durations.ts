import { Temporal } from 'temporal-polyfill';

/**
 * Milliseconds in an ISO 8601 duration such as `PT90S`, `P30D` or `P1M`.
 * Days are 24 hours; years and months are counted from `from` in UTC.
 * @throws RangeError when the text is not a duration; the message shows the text.
 */
export function durationInMilliseconds(duration: string, from: Date = new Date(0)): number {
  const relativeTo = Temporal.Instant.fromEpochMilliseconds(from.getTime()).toZonedDateTimeISO('UTC');
  try {
    return Temporal.Duration.from(duration).total({ unit: 'milliseconds', relativeTo });
  } catch (cause) {
    throw new RangeError(`"${duration}" is not an ISO 8601 duration such as PT90S or P30D`, { cause });
  }
}
