import { type Opening, openingFrom, type WeeklyWindow } from '../calendar/weekly-window.ts';
import type { Instant } from '../contracts/instants.ts';
import { day, earliest, latest, millisecondsBetween, plus } from './instant-arithmetic.ts';
import { spread } from './spread.ts';

/** In this first part of a window rotations begin, so that they are over when it closes. */
const beginning = 3 / 4;

/**
 * The moment itself if a window is open then, else the first at which one opens. Undefined: there are no windows.
 */
export function nextOpening(windows: readonly WeeklyWindow[], instant: Instant): Instant | undefined {
  const openings = windows.flatMap((window) => openingFrom(window, instant) ?? []);
  return earliest(...openings.map(({ opensAt }) => latest(opensAt, instant)));
}

/** For so long the openings of windows are looked at: all days of the week, whatever the day is now. */
const fortnight = 14 * day;

/**
 * The longest that a rotation has to wait for its turn, whenever in the fortnight after a moment it is wanted: from the
 * end of one window until rotations have begun in the next. Milliseconds; 0 without windows.
 */
export function longestWait(windows: readonly WeeklyWindow[], from: Instant): number {
  const waits = windows.map((window) => longestWaitFor(window, from));
  return waits.length > 0 ? Math.min(...waits) : 0;
}

function longestWaitFor(window: WeeklyWindow, from: Instant): number {
  let longest = 0;
  let closed = from;
  for (let at = from; at < plus(from, fortnight); at = closed) {
    const opening = openingFrom(window, at);
    if (!opening) return longest;
    longest = Math.max(longest, millisecondsBetween(closed, begunBy(opening, 1)));
    closed = opening.closesAt;
  }
  return longest;
}

/** When a part of a fleet has begun to rotate. */
function begunBy({ opensAt, closesAt }: Opening, part: number): Instant {
  return plus(opensAt, millisecondsBetween(opensAt, closesAt) * beginning * part);
}

/** A rotation that policy wants to have in a window. */
export interface WantedRotation {
  readonly windows: readonly WeeklyWindow[];
  readonly token: string;
  /** When it would go ahead without windows. */
  readonly wanted: Instant;
  readonly now: Instant;
  /** When it can wait no longer; undefined: there is no such time. */
  readonly lastChance: Instant | undefined;
}

/** When a rotation goes ahead. */
export interface Turn {
  readonly at: Instant;
  /** The next window opens too late, then, and is ignored. */
  readonly ignored?: { readonly opensAt: Instant };
}

/**
 * When a rotation goes ahead: in a window, and each token at a time of its own there, that follows from its name. A
 * window that was missed is not waited for in the past: then it is the next one. No window is waited for beyond the
 * last chance: if none opens before that, they are ignored.
 */
export function turnOf({ windows, token, wanted, now, lastChance }: WantedRotation): Turn {
  const from = latest(wanted, now);
  const turns = windows.flatMap((window) => {
    const opening = openingFrom(window, from);
    if (!opening) return [];
    return latest(from, opening.opensAt, earliest(begunBy(opening, spread(token)), lastChance));
  });
  const turn = earliest(...turns);
  if (turn === undefined) return { at: wanted };
  if (lastChance === undefined || turn <= latest(from, lastChance)) return { at: turn };
  return { at: wanted, ignored: { opensAt: nextOpening(windows, from) ?? turn } };
}
