import { ServiceFailure } from './service-failure.ts';

/** What went wrong, in fixed words and places in the code: fit for any log. */
export interface ErrorDescription {
  /** Such as `vault writeVersion: unavailable (503)`; or the class of an error that nobody expected. */
  readonly what: string;
  /** For what nobody expected: the places in the code, without any message. */
  readonly places?: readonly string[];
}

/**
 * What may be said of an error. A failure of a service is made of fixed words. Of any other error, whose message may
 * hold anything, only its class and the places in the code.
 */
export function troubleOf(error: unknown): ErrorDescription {
  if (error instanceof ServiceFailure) return { what: error.message };
  if (!(error instanceof Error)) return { what: 'something was thrown that is no error' };
  const places = (error.stack ?? '').split('\n').filter((line) => /^ {4}at [^\s].*:\d+:\d+\)?$/.test(line));
  return { what: error.constructor.name, places: places.map((line) => line.trim()) };
}
