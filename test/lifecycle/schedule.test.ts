import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millisecondsBetween, plus } from '../../src/lifecycle/instant-arithmetic.ts';
import {
  endWarning,
  nextRotation,
  overdueWarning,
  retirement,
  severityByTimeLeft,
  validUntil,
} from '../../src/lifecycle/schedule.ts';
import { at, day, hour, minute, second, start } from './build.ts';

const standard = { rotateEvery: 'P60D', overlap: 'P14D' };

describe('a credential', () => {
  it.each([
    ['for as long as its cadence and the overlap', {}, at(74 * day)],
    ['not beyond the end of life', { endOfLife: at(30 * day) }, at(30 * day)],
    [
      'not beyond an end of life one second sooner',
      { endOfLife: at(74 * day - second) },
      at(74 * day - second),
    ],
    ['no shorter for an end of life one second later', { endOfLife: at(74 * day + second) }, at(74 * day)],
    ['no longer than its vault allows', { longestValidity: 'P40D' }, at(40 * day)],
    [
      'no longer if its rotation may wait for a window for less than a day and a half',
      { longestWait: 36 * hour },
      at(74 * day),
    ],
    ['longer by what the wait takes beyond that', { longestWait: 7 * day }, at(79.5 * day)],
    [
      'no longer for a wait than its vault allows',
      { longestWait: 7 * day, longestValidity: 'P75D' },
      at(75 * day),
    ],
    ['until whole seconds, as registry and vault keep them', { endOfLife: at(30 * day + 999) }, at(30 * day)],
  ])('is valid %s', (_name, limits, expected) => {
    expect(validUntil(start, standard, limits)).toBe(expected);
  });

  it('never outlives the last moment that the vault can store', () => {
    expect(validUntil('2038-01-01T00:00:00.000Z', standard, {})).toBe('2038-01-18T23:59:59.000Z');
  });
});

describe('the next rotation', () => {
  const full = { slotCreatedAt: start, expiresAt: at(74 * day) };

  it('comes three to six days before the cadence says, always the same for one token', () => {
    const due = nextRotation(full, standard, undefined, 'team-web') ?? '';
    expect(due >= at(54 * day)).toBe(true);
    expect(due <= at(57 * day)).toBe(true);
    expect(nextRotation(full, standard, undefined, 'TEAM-WEB')).toBe(due);
  });

  it('is spread over a fleet, so that tokens requested together do not rotate together', () => {
    const dues = Array.from({ length: 500 }, (_none, index) =>
      nextRotation(full, standard, undefined, `device-${index}`),
    );
    const byHour = new Map<string, number>();
    for (const due of dues)
      byHour.set(due?.slice(0, 13) ?? '', (byHour.get(due?.slice(0, 13) ?? '') ?? 0) + 1);
    expect(Math.max(...byHour.values())).toBeLessThan(30);
  });

  it('does not come for a credential that lasts until the end of life', () => {
    expect(
      nextRotation({ ...full, expiresAt: at(70 * day) }, standard, at(70 * day), 'team-web'),
    ).toBeUndefined();
    expect(
      nextRotation({ ...full, expiresAt: at(70 * day) }, standard, at(70 * day + second), 'team-web'),
    ).toBeDefined();
  });

  it('comes sooner for a credential that the vault keeps short, but not before half of its time', () => {
    const short = nextRotation({ ...full, expiresAt: at(40 * day) }, standard, undefined, 'team-web') ?? '';
    expect(short >= at(20 * day)).toBe(true);
    expect(short <= at(23 * day)).toBe(true);
    expect(nextRotation({ ...full, expiresAt: at(10 * day) }, standard, undefined, 'team-web')).toBe(
      at(5 * day),
    );
  });

  it('leaves the replaced password its overlap, whatever the cadence and the wait for a window, and its slot is free for the next one', () => {
    const cadences = fc
      .record({
        overlap: fc.integer({ min: 60, max: 86_400 * 90 }),
        more: fc.integer({ min: 60, max: 86_400 * 400 }),
      })
      .map(({ overlap, more }) => ({
        overlap: `PT${overlap}S`,
        rotateEvery: `PT${overlap + more}S`,
        seconds: overlap,
      }));
    fc.assert(
      fc.property(cadences, fc.string(), fc.nat(8 * day), ({ seconds, ...cadence }, token, longestWait) => {
        const expiresAt = validUntil(start, cadence, { longestWait });
        const due = nextRotation({ slotCreatedAt: start, expiresAt }, cadence, undefined, token) ?? '';
        expect(millisecondsBetween(due, expiresAt)).toBeGreaterThan(seconds * second);
        expect(millisecondsBetween(plus(due, longestWait), expiresAt)).toBeGreaterThanOrEqual(
          seconds * second - second,
        );
        expect(millisecondsBetween(start, due)).toBeGreaterThanOrEqual(seconds * second - 1);
      }),
    );
  });
});

describe('a replaced password', () => {
  it.each([
    ['ends by its own expiry when it was replaced on schedule', at(20 * day), undefined, undefined],
    ['is left alone if its expiry is just a tenth of the cadence late', at(20 * day), undefined, undefined],
    ['is ended after the overlap when it was replaced early', at(20 * day + second), undefined, at(14 * day)],
    ['is ended to the moment that was asked for', at(20 * day), 'P13D', at(13 * day)],
    ['is ended at once if that was asked for', at(20 * day), 'PT0S', start],
    ['ends by itself before the moment that was asked for', at(20 * day), 'P21D', undefined],
  ])('%s', (_name, expiresAt, askedFor, expected) => {
    expect(retirement({ expiresAt, supersededAt: start }, standard, askedFor)).toBe(expected);
  });
});

describe('a password that was made to last through a wait for a window', () => {
  it('ends by its own expiry when it was replaced on schedule, and else after the overlap', () => {
    const latest = at(27 * day);
    expect(
      retirement({ expiresAt: latest, supersededAt: start }, standard, undefined, 7 * day),
    ).toBeUndefined();
    const later = { expiresAt: plus(latest, second), supersededAt: start };
    expect(retirement(later, standard, undefined, 7 * day)).toBe(at(14 * day));
    expect(retirement({ expiresAt: latest, supersededAt: start }, standard, 'P1D', 7 * day)).toBe(at(day));
  });
});

describe('warnings', () => {
  it('announce the end of life one overlap before, or half way for a token younger than that', () => {
    expect(endWarning(at(100 * day), standard, start)).toBe(at(86 * day));
    expect(endWarning(at(28 * day), standard, start)).toBe(at(14 * day));
    expect(endWarning(at(7 * day), standard, start)).toBe(at(3.5 * day));
  });

  it('tell of a rotation that has not come half way between its due time and the last moment', () => {
    expect(overdueWarning(at(54 * day), at(74 * day))).toBe(at(64 * day));
  });

  it.each([
    ['info', 'long before it is due', -30 * day],
    ['info', 'until half of the time is left', 10 * day - 1],
    ['warning', 'from half of the time on', 10 * day],
    ['warning', 'until a quarter is left', 15 * day - 1],
    ['critical', 'from a quarter on', 15 * day],
    ['critical', 'after the last moment', 21 * day],
  ])('are %s %s', (severity, _name, now) => {
    expect(severityByTimeLeft(start, at(20 * day), at(now))).toBe(severity);
  });
});

it('instants stop at the last one that can be handled', () => {
  expect(plus('2038-01-18T00:00:00.000Z', 2 * day)).toBe('2038-01-18T23:59:59.999Z');
  expect(plus(start, -hour - minute)).toBe('2026-03-01T10:59:00.000Z');
});
