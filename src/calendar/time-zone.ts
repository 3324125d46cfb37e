import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { violation } from '../contracts/violations.ts';

/** The name of a time zone in the IANA database, such as `Europe/Berlin`. */
export const timeZoneSchema = z.string().max(64).refine(isTimeZone, violation('invalidTimeZone'));

/** An offset such as `+01:00` is none: it does not know when clocks change. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Z]/i.test(name)) return false;
  try {
    new Temporal.ZonedDateTime(0n, name);
    return true;
  } catch {
    return false;
  }
}
