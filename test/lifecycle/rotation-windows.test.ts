import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysOfWeek, openingFrom, type WeeklyWindow } from '../../src/calendar/weekly-window.ts';
import { latest, plus } from '../../src/lifecycle/instant-arithmetic.ts';
import { nextOpening, turnOf } from '../../src/lifecycle/rotation-windows.ts';
import type { HistoryEntry } from '../../src/lifecycle/settlement.ts';
import { repetitions } from '../counts.ts';
import { at, command, day, hour, identity, managed, minute, second, start } from './build.ts';
import { LifecycleRun } from './model/lifecycle-run.ts';
import { Prober } from './model/prober.ts';

const times = fc
  .tuple(fc.nat(23), fc.constantFrom(0, 20, 45))
  .map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`);

const anyWindow: fc.Arbitrary<WeeklyWindow> = fc.record({
  days: fc.subarray([...daysOfWeek], { minLength: 1 }),
  from: times,
  to: times,
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York'),
});
const anyWindows = fc.array(anyWindow, { minLength: 1, maxLength: 3 });
const withinTwoYears = fc.integer({ min: 0, max: 730 * 1_440 }).map((minutes) => at(minutes * minute));
const names = fc.string({ minLength: 5, maxLength: 20 });

function isOpen(windows: readonly WeeklyWindow[], instant: string): boolean {
  return windows.some((window) => {
    const opening = openingFrom(window, instant);
    return opening !== undefined && opening.opensAt <= instant && instant < opening.closesAt;
  });
}

const runs = { numRuns: repetitions({ quick: 120, soak: 20_000 }) };

describe('the next opening', () => {
  it('lies in a window, is never in the past, and nothing is open before it', () => {
    fc.assert(
      fc.property(
        anyWindows,
        withinTwoYears,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (windows, now, part) => {
          const opening = nextOpening(windows, now) ?? '';
          expect(opening >= now).toBe(true);
          expect(isOpen(windows, opening)).toBe(true);
          const between = Math.floor((Date.parse(opening) - Date.parse(now)) * part);
          if (plus(now, between) < opening) expect(isOpen(windows, plus(now, between))).toBe(false);
        },
      ),
      runs,
    );
  }, 300_000);

  it('is not there without windows', () => {
    expect(nextOpening([], start)).toBeUndefined();
  });
});

describe('the turn of a rotation', () => {
  it('lies in a window, unless none opens in time; then it is at once, and so never after the last chance', () => {
    fc.assert(
      fc.property(
        anyWindows,
        withinTwoYears,
        fc.integer({ min: 1, max: 20 * 24 }),
        fc.integer({ min: -48, max: 48 }),
        names,
        (windows, wanted, hours, late, token) => {
          const lastChance = plus(wanted, hours * hour);
          const now = plus(wanted, late * hour);
          const turn = turnOf({ windows, token, wanted, now, lastChance });
          const from = latest(wanted, now);
          if (turn.ignored) {
            expect(turn.at).toBe(wanted);
            expect(turn.ignored.opensAt > latest(from, lastChance)).toBe(true);
            expect(nextOpening(windows, from)).toBe(turn.ignored.opensAt);
          } else {
            expect(turn.at >= from && isOpen(windows, turn.at)).toBe(true);
            expect(turn.at <= latest(from, lastChance)).toBe(true);
          }
        },
      ),
      runs,
    );
  }, 300_000);

  it('stays the same until it comes, and has come then', () => {
    fc.assert(
      fc.property(
        anyWindows,
        withinTwoYears,
        fc.double({ min: 0, max: 1, noNaN: true }),
        names,
        (windows, wanted, part, token) => {
          const rotation = { windows, token, wanted, lastChance: undefined };
          const { at: turn } = turnOf({ ...rotation, now: wanted });
          const between = plus(wanted, Math.floor((Date.parse(turn) - Date.parse(wanted)) * part));
          expect(turnOf({ ...rotation, now: between }).at).toBe(turn);
          expect(turnOf({ ...rotation, now: turn }).at).toBe(turn);
        },
      ),
      runs,
    );
  }, 300_000);

  it('is another for each token, all over the first three quarters of the window', () => {
    const windows = [{ from: '20:00', to: '00:00', timeZone: 'UTC' }];
    const turns = Array.from(
      { length: 400 },
      (_, index) =>
        turnOf({ windows, token: `team-${index}`, wanted: start, now: start, lastChance: undefined }).at,
    );
    const hours = turns.map((turn) => Math.floor((Date.parse(turn) - Date.parse(at(8 * hour))) / hour));
    expect(new Set(turns).size).toBeGreaterThan(390);
    for (const each of [0, 1, 2]) expect(hours.filter((one) => one === each).length).toBeGreaterThan(90);
    expect(Math.max(...hours)).toBe(2);
  });

  it('is the last chance itself if the own turn in the window would be later', () => {
    const windows = [{ from: '20:00', to: '00:00', timeZone: 'UTC' }];
    const rotation = { windows, token: 'team-web', wanted: start, now: start };
    const own = turnOf({ ...rotation, lastChance: undefined }).at;
    expect(own > at(8 * hour)).toBe(true);
    expect(turnOf({ ...rotation, lastChance: at(8 * hour) })).toEqual({ at: at(8 * hour) });
    expect(turnOf({ ...rotation, lastChance: at(8 * hour - 1) })).toEqual({
      at: start,
      ignored: { opensAt: at(8 * hour) },
    });
  });

  it('is when it is wanted where the policy has no windows', () => {
    expect(turnOf({ windows: [], token: 'x', wanted: start, now: at(day), lastChance: start })).toEqual({
      at: start,
    });
  });
});

const profiles = [
  { profile: 'standard', rotateEvery: 'P60D', overlap: 'P14D' },
  { profile: 'live', rotateEvery: 'P30D', overlap: 'P3D' },
  { profile: 'daily', rotateEvery: 'P3D', overlap: 'P1D' },
];

/** A token that was requested under a policy with these windows, and some months of its life, with troubles. */
function lifeOf(
  rotationWindows: readonly WeeklyWindow[],
  schedule: (typeof profiles)[number],
  failures: readonly boolean[],
): LifecycleRun {
  const prober = new Prober();
  const run = new LifecycleRun({
    identity,
    now: start,
    judge: () => ({ verdict: 'allowed', managed: managed({ schedule }) }),
    rules: { rotationWindows },
    look: (seen) => prober.look(seen),
  });
  run.send(command('keyturn.token.requested', 0, { owner: 'team-web', access: { scopeMap: 'shared-read' } }));
  run.work();
  run.fates.push(
    ...failures.map((fails) =>
      fails ? ({ kind: 'failsBefore', code: 'unavailable', wait: 0 } as const) : works,
    ),
  );
  run.passTime(75 * day, 12 * hour);
  return run;
}

const works = { kind: 'works' } as const;

/** Rotations that did not say that they go ahead without a window. */
function unannounced(history: readonly HistoryEntry[]): HistoryEntry[] {
  let isAnnounced = false;
  return history.filter(({ work, result }) => {
    const wasAnnounced = isAnnounced;
    if (work === 'ignoreWindow') isAnnounced = true;
    if (work === 'rotate' && result === 'done') isAnnounced = false;
    return work === 'rotate' && !wasAnnounced;
  });
}

/** Whether a window is open then, or was a moment ago, when the rotation was planned. */
function isAbout(windows: readonly WeeklyWindow[], when: string): boolean {
  return isOpen(windows, when) || isOpen(windows, plus(when, -second));
}

describe('whatever windows a policy has', () => {
  it('rotates a token in time, in a window or right after a warning, and keeps its passwords working', () => {
    fc.assert(
      fc.property(
        anyWindows,
        fc.constantFrom(...profiles),
        fc.array(fc.boolean(), { maxLength: 12 }),
        (windows, schedule, failures) => {
          const { history, events } = lifeOf(windows, schedule, failures);
          const rotations = history.filter(({ work }) => work === 'rotate');
          expect(rotations.length).toBeGreaterThan(0);
          expect(unannounced(history).filter(({ at: when }) => !isAbout(windows, when))).toEqual([]);
          expect(events.filter(({ type }) => type === 'keyturn.token.expired')).toEqual([]);
          if (failures.includes(true)) return;
          expect(events.filter(({ type }) => type === 'keyturn.token.expiring')).toEqual([]);
        },
      ),
      { numRuns: repetitions({ quick: 8, soak: 300 }) },
    );
  }, 300_000);

  it('never has to ignore a window of every week for a token of the standard profile', () => {
    fc.assert(
      fc.property(fc.constantFrom(...daysOfWeek), times, times, (day, from, to) => {
        const weekly = { days: [day], from, to, timeZone: 'Europe/Berlin' };
        const { history } = lifeOf(
          [weekly],
          { profile: 'standard', rotateEvery: 'P60D', overlap: 'P14D' },
          [],
        );
        expect(history.map(({ work }) => work)).toEqual(['provision', 'rotate']);
      }),
      { numRuns: repetitions({ quick: 5, soak: 300 }) },
    );
  }, 300_000);
});
