import { ServiceFailure } from '../ports/service-failure.ts';
import type { Trouble } from './activity-ports.ts';

/**
 * What may be said of an error. A failure of a service is made of fixed words. Of any other error, whose message may
 * hold anything, only its class and the places in the code.
 */
export function troubleOf(error: unknown): Pick<Trouble, 'what' | 'places'> {
  if (error instanceof ServiceFailure) return { what: error.message };
  if (!(error instanceof Error)) return { what: 'something was thrown that is no error' };
  const places = (error.stack ?? '').split('\n').filter((line) => /^ {4}at [^\s].*:\d+:\d+\)?$/.test(line));
  return { what: error.constructor.name, places: places.map((line) => line.trim()) };
}
