import type { Instant } from '../contracts/instants.ts';
import {
  day,
  earliest,
  hour,
  latest,
  millisecondsBetween,
  minute,
  plus,
  second,
} from './instant-arithmetic.ts';
import { spread } from './spread.ts';

export interface BackOff {
  /** Delay after the first failure, in milliseconds; it doubles with each further one. */
  readonly first: number;
  readonly most: number;
}

/** For all work but revoking. */
export const patient: BackOff = { first: minute, most: hour };

/** For revoking, which is tried without end. */
export const urgent: BackOff = { first: second, most: minute };

/**
 * When to try again after `attempts` failures. Up to a quarter sooner, by the token's name, so that what failed
 * together does not come back together; and if there is a deadline, at most a quarter of the time left to it away,
 * so that several tries are left. A time that the service itself asked for is kept, up to a day.
 */
export function nextTry(tried: {
  readonly attempts: number;
  readonly now: Instant;
  readonly token: string;
  readonly backOff?: BackOff;
  readonly deadline?: Instant | undefined;
  readonly askedFor?: Instant | undefined;
}): Instant {
  const { attempts, now, token, backOff = patient, deadline, askedFor } = tried;
  const delay = Math.min(backOff.first * 2 ** Math.max(0, attempts - 1), backOff.most);
  const usual = plus(now, delay * (1 - spread(token) / 4));
  const left = deadline === undefined ? 0 : millisecondsBetween(now, deadline);
  const inTime = left > 0 ? plus(now, Math.max(left / 4, Math.min(backOff.first, left))) : undefined;
  const kept = askedFor === undefined ? undefined : earliest(askedFor, plus(now, day));
  return latest(earliest(usual, inTime), kept);
}
