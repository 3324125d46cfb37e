import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { violation } from './violations.ts';

/**
 * An ISO 8601 duration such as `P60D` or `PT72H`, in weeks, days (24 hours each), hours, minutes and whole
 * seconds. Years and months are left out: how long they are depends on when they start.
 */
export type Duration = string;

const form = /^P(?=\d|T\d)(\d{1,4}W)?(\d{1,4}D)?(T(?=\d)(\d{1,6}H)?(\d{1,7}M)?(\d{1,9}S)?)?$/;

/** Zero or more, at most 20 years. */
export const durationOrZeroSchema = z
  .string()
  .regex(form, { ...violation('invalidDuration'), abort: true })
  .refine((text) => milliseconds(text) <= milliseconds('P7300D'), violation('tooLong'));

/** At least a second, at most 20 years. */
export const durationSchema = durationOrZeroSchema.refine(
  (text) => milliseconds(text) > 0,
  violation('tooShort'),
);

/** The durations that were read last: there are few, and they are asked for all the time. */
const known = new Map<Duration, number>();
const mostKnown = 1_000;

/** @throws RangeError when the text is not a duration. */
export function milliseconds(duration: Duration): number {
  const remembered = known.get(duration);
  if (remembered !== undefined) return remembered;
  const total = Temporal.Duration.from(duration).total({
    unit: 'milliseconds',
    relativeTo: '1970-01-01[UTC]',
  });
  if (known.size >= mostKnown) known.clear();
  known.set(duration, total);
  return total;
}
