import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident, Resolution } from '../../src/alerting/incident.ts';
import { afterIncident, afterResolution, type Member } from '../../src/alerting/member.ts';
import { at, minute } from '../lifecycle/build.ts';

/** The finding on one token, `minutes` after the start; by whom decides on the group. */
function found(minutes: number, actor = 'nobody'): Incident {
  return {
    kind: 'incident',
    id: `found ${minutes}`,
    time: at(minutes * minute),
    about: { alert: 'disabledOutOfBand', registry: 'contoso', cause: 'person', actor },
    subject: 'team-web',
    facts: { severity: 'critical', token: 'team-web', since: at(0), evidence: [`${minutes}`] },
  };
}

function mended(minutes: number): Resolution {
  return {
    kind: 'resolution',
    id: `mended ${minutes}`,
    time: at(minutes * minute),
    about: { alert: 'disabledOutOfBand', registry: 'contoso' },
    subject: 'team-web',
  };
}

/** A token after some events, each heard of a minute after the one before. */
function memberAfter(...reports: readonly (Incident | Resolution)[]): Member | undefined {
  let member: Member | undefined;
  for (const [index, report] of reports.entries()) {
    const heardAt = at((100 + index) * minute);
    const next =
      report.kind === 'incident'
        ? afterIncident(member, report, heardAt)
        : afterResolution(member, report, heardAt);
    member = next ?? member;
  }
  return member;
}

const isOpen = (member: Member | undefined) =>
  member?.incident !== undefined && member.resolved === undefined;

describe('a token with a finding', () => {
  it('is open from when it was found until it is mended', () => {
    expect(isOpen(memberAfter(found(1)))).toBe(true);
    expect(isOpen(memberAfter(found(1), mended(2)))).toBe(false);
  });

  it('that is told of again shows the new details, in the group in which it was told first', () => {
    const member = memberAfter(found(1, 'nobody'), found(2, 'sam'));
    expect(member?.incident).toMatchObject({
      group: memberAfter(found(1, 'nobody'))?.incident?.group,
      facts: { evidence: ['2'] },
      recordedAt: at(100 * minute),
      changedAt: at(101 * minute),
    });
  });

  it('that is found again after it was mended is a new one, in the group of who did it this time', () => {
    const member = memberAfter(found(1, 'nobody'), mended(2), found(3, 'sam'));
    expect(isOpen(member)).toBe(true);
    expect(member?.incident?.group).toBe(memberAfter(found(3, 'sam'))?.incident?.group);
    expect(member?.incident?.recordedAt).toBe(at(102 * minute));
  });

  it('whose end is heard of first belongs to its group all the same, and is mended', () => {
    const member = memberAfter(mended(2), found(1));
    expect(member?.incident?.group).toBe(memberAfter(found(1))?.incident?.group);
    expect(isOpen(member)).toBe(false);
  });

  it('is not changed by a repeat, nor by what came before', () => {
    const member = memberAfter(found(1), found(3));
    expect(member && afterIncident(member, found(3), at(0))).toBeUndefined();
    expect(member && afterIncident(member, found(2), at(0))).toBeUndefined();
    expect(member && afterResolution(member, mended(2), at(0))).toBeUndefined();
  });

  it('ends as its last event says, in whatever order and however often its events come', () => {
    const history = fc.uniqueArray(fc.record({ minutes: fc.nat(50), isFound: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
      selector: ({ minutes }) => minutes,
    });
    fc.assert(
      fc.property(
        history.chain((events) =>
          fc.record({
            events: fc.constant(events),
            order: fc.array(fc.nat(events.length - 1), { maxLength: 20 }),
            last: fc.shuffledSubarray(
              events.map((_, index) => index),
              { minLength: events.length },
            ),
          }),
        ),
        ({ events, order, last }) => {
          const reports = [...order, ...last].flatMap((index) => {
            const event = events[index];
            return event ? [event.isFound ? found(event.minutes) : mended(event.minutes)] : [];
          });
          const newest = events.toSorted((one, other) => other.minutes - one.minutes)[0];
          expect(isOpen(memberAfter(...reports))).toBe(newest?.isFound);
        },
      ),
    );
  });
});
