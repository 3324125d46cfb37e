import { Temporal } from 'temporal-polyfill';
import { UsageError } from '../../part.ts';
import type { AppSettings } from '../settings/app-settings.ts';

/**
 * The time zone in which timers' schedules are read: the app's `WEBSITE_TIME_ZONE`, else its `TZ`, else the machine's.
 * @throws UsageError when it is not a time zone of the tz database.
 */
export function localTimeZone(settings: AppSettings): string {
  const setting = settings.get('WEBSITE_TIME_ZONE') ? 'WEBSITE_TIME_ZONE' : 'TZ';
  const name = settings.get(setting)?.replace(/^:/, '') || Temporal.Now.timeZoneId();
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return name;
  } catch {
    throw new UsageError(`${setting} "${name}" is not a time zone of the tz database, such as Europe/Berlin`);
  }
}
