import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Told } from '../../src/alerting/alert-group.ts';
import { type Decision, nextNotification } from '../../src/alerting/next-notification.ts';
import type { Tally } from '../../src/alerting/tally.ts';
import { repetitions } from '../counts.ts';
import { at, hour, minute, start } from '../lifecycle/build.ts';

/** The first notification, of one token, at `start`. */
const first: Told = {
  at: start,
  summarised: false,
  count: 1,
  open: 1,
  severity: 'warning',
  changedAt: start,
  facts: { severity: 'warning', since: start, evidence: [] },
};
const summary: Told = { ...first, at: at(5 * minute), summarised: true, count: 3, open: 3 };

function tally(changes: Partial<Tally> = {}): Tally {
  const { count = 1, open = count } = changes;
  return {
    severity: 'warning',
    since: start,
    deadline: undefined,
    changedAt: start,
    heardAt: changes.changedAt ?? start,
    examples: [],
    ...changes,
    count,
    open,
  };
}

interface Case {
  readonly alert?: 'disabledOutOfBand' | 'requestDenied';
  readonly told: Told;
  readonly tally: Tally | undefined;
  /** Milliseconds after `start`. */
  readonly now: number;
  readonly expect: string;
}

const cases: Readonly<Record<string, Case>> = {
  'waits five minutes for more': {
    told: first,
    tally: tally({ count: 500 }),
    now: 5 * minute - 1,
    expect: 'wait',
  },
  'sums up after five minutes': {
    told: first,
    tally: tally({ count: 2 }),
    now: 5 * minute,
    expect: 'summary',
  },
  'sums up later, when more comes later': {
    told: first,
    tally: tally({ count: 2 }),
    now: 40 * minute,
    expect: 'summary',
  },
  'says nothing after five minutes when there is nothing more': {
    told: first,
    tally: tally(),
    now: 5 * minute,
    expect: 'wait',
  },
  'sums up after five minutes when details of the one have changed': {
    told: first,
    tally: tally({ changedAt: at(1) }),
    now: 5 * minute,
    expect: 'summary',
  },
  'says at once when it has become critical': {
    told: first,
    tally: tally({ severity: 'critical' }),
    now: minute,
    expect: 'rise',
  },
  'does not say twice that it is critical': {
    told: { ...first, severity: 'critical' },
    tally: tally({ severity: 'critical' }),
    now: minute,
    expect: 'wait',
  },
  'still sums up after it has become critical': {
    told: { ...first, severity: 'critical', at: at(minute) },
    tally: tally({ count: 40, severity: 'critical' }),
    now: 6 * minute,
    expect: 'summary',
  },
  'waits, after the summary, below ten times as many': {
    told: summary,
    tally: tally({ count: 29 }),
    now: 30 * minute,
    expect: 'wait',
  },
  'tells of ten times as many at once': {
    told: summary,
    tally: tally({ count: 30 }),
    now: 6 * minute,
    expect: 'growth',
  },
  'tells of one more after an hour': {
    told: summary,
    tally: tally({ count: 4 }),
    now: 5 * minute + hour,
    expect: 'hourly',
  },
  'does not tell of one more before that': {
    told: summary,
    tally: tally({ count: 4 }),
    now: 5 * minute + hour - 1,
    expect: 'wait',
  },
  'tells after an hour how many are mended': {
    told: summary,
    tally: tally({ count: 3, open: 1 }),
    now: 5 * minute + hour,
    expect: 'hourly',
  },
  'says nothing in an hour in which nothing changed': {
    told: summary,
    tally: tally({ count: 3 }),
    now: 9 * hour,
    expect: 'wait',
  },
  'waits a quarter of an hour after the last one was mended': {
    told: { ...first, count: 3 },
    tally: tally({ count: 3, open: 0, heardAt: at(minute) }),
    now: 16 * minute - 1,
    expect: 'wait',
  },
  'is resolved a quarter of an hour after the last one was mended': {
    told: { ...first, count: 3 },
    tally: tally({ count: 3, open: 0, heardAt: at(minute) }),
    now: 16 * minute,
    expect: 'resolved',
  },
  'is resolved, and says how many there were, rather than summing up': {
    told: first,
    tally: tally({ count: 3, open: 0 }),
    now: 15 * minute,
    expect: 'resolved',
  },
  'sums up, while it is not sure that it is over': {
    told: first,
    tally: tally({ count: 3, open: 0 }),
    now: 15 * minute - 1,
    expect: 'summary',
  },
  'never ends while one is open': {
    told: summary,
    tally: tally({ count: 3, open: 1 }),
    now: 5 * minute,
    expect: 'wait',
  },
  'ends in silence an hour after the last, when nobody says that it is over': {
    alert: 'requestDenied',
    told: first,
    tally: tally(),
    now: hour,
    expect: 'silent',
  },
  'does not end in silence before that': {
    alert: 'requestDenied',
    told: first,
    tally: tally(),
    now: hour - 1,
    expect: 'wait',
  },
  'does not end in silence before all is told, though nobody looked for hours': {
    alert: 'requestDenied',
    told: first,
    tally: tally({ count: 2 }),
    now: 9 * hour,
    expect: 'summary',
  },
  'is resolved when nothing is left of it': {
    told: summary,
    tally: undefined,
    now: minute,
    expect: 'resolved',
  },
};

function words(decision: Decision): string {
  if (decision.decision === 'notify') return decision.kind;
  if (decision.decision === 'end') return decision.tell ? 'resolved' : 'silent';
  return 'wait';
}

describe('a group of alerts', () => {
  it.each(Object.entries(cases))(
    '%s',
    (_, { alert = 'disabledOutOfBand', told, tally, now, expect: wanted }) => {
      expect(words(nextNotification({ about: { alert }, told }, tally, at(now)))).toBe(wanted);
    },
  );

  /** What comes in the minutes after the first one: how many more tokens, and whether one of them is critical. */
  const arrivals = fc.array(
    fc.record({
      more: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(20_000)),
      severity: fc.constantFrom('warning' as const, 'warning' as const, 'critical' as const),
    }),
    { minLength: 1, maxLength: 300 },
  );

  it('tells of everything, and never more than two at first, one for each tenfold and one each hour', () => {
    fc.assert(
      fc.property(arrivals, (minutes) => {
        const run = runThrough(minutes);
        const hours = Math.ceil(run.lasted / hour);
        const tenfold = Math.floor(Math.log10(run.count));
        expect(run.told.count).toBe(run.count);
        expect(run.told.severity).toBe(run.severity);
        expect(run.notifications).toBeLessThanOrEqual(3 + tenfold + hours);
      }),
      { numRuns: repetitions({ quick: 100, soak: 5_000 }) },
    );
  });

  /** Asks every minute, while tokens arrive and until two hours after the last. */
  function runThrough(minutes: readonly { more: number; severity: 'warning' | 'critical' }[]) {
    let told = first;
    let [count, severity, changedAt, notifications] = [1, first.severity, start, 1];
    const lasted = (minutes.length + 120) * minute;
    for (let now = minute; now <= lasted; now += minute) {
      const arrival = minutes[now / minute - 1];
      if (arrival && arrival.more > 0) {
        count += arrival.more;
        changedAt = at(now);
        if (arrival.severity === 'critical') severity = 'critical';
      }
      const decision = nextNotification(
        { about: { alert: 'disabledOutOfBand' }, told },
        tally({ count, severity, changedAt }),
        at(now),
      );
      if (decision.decision !== 'notify') continue;
      notifications += 1;
      const summarised = told.summarised || decision.kind !== 'rise';
      told = { ...told, at: at(now), summarised, count, open: count, severity, changedAt };
    }
    return { told, count, severity, notifications, lasted };
  }
});
