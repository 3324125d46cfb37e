import { describe, expect, it } from 'vitest';
import type { TokenFinding } from '../../../src/contracts/findings.ts';
import type { OpenFindings } from '../../../src/lifecycle/drift/open-finding.ts';
import type { Work } from '../../../src/lifecycle/plan.ts';
import { active, at, day, hour, minute, start } from '../build.ts';
import { openFinding } from '../build-findings.ts';
import { check, issued, reissue, settle } from './expectations.ts';

function observe(findings: OpenFindings, more: object = {}): Work {
  return { kind: 'observe', findings, accounted: {}, ...more };
}

describe('a look at a token', () => {
  it('that finds nothing leaves no trace but that it was done', () => {
    const { state, events, history, observed } = settle({
      state: active(),
      work: observe({}, { seen: 'observed-1' }),
    });
    expect([events, history, observed]).toEqual([[], [], 'observed-1']);
    expect(state).toMatchObject({ comparedBy: 1, findings: {} });
  });

  it.each<[TokenFinding, string]>([
    ['disabledOutOfBand', 'critical disabled'],
    ['deletedOutOfBand', 'critical deleted'],
    ['publishedDead', 'critical drift-detected'],
  ])('that finds %s tells it as %s', (finding, type) => {
    check({
      state: active(),
      work: observe(openFinding(finding)),
      expect: { state: { findings: { [finding]: {} } }, events: [[type, { drift: { finding } }]] },
    });
  });

  it('that works again calls nobody any more, where somebody was called since it did not', () => {
    const parked = { since: start, work: 'observe', code: 'refused', toDo: 'Look into it.' };
    expect(settle({ state: active({ parked }), work: observe({}) }).state.parked).toBeUndefined();
    const other = { ...parked, work: 'rotate' };
    expect(settle({ state: active({ parked: other }), work: observe({}) }).state.parked).toEqual(other);
  });

  it('that finds the same again tells nothing, and when that is gone tells so', () => {
    const state = active({ findings: openFinding('publishedDead') });
    expect(settle({ state, work: observe(openFinding('publishedDead')) }).events).toEqual([]);
    check({
      state,
      work: observe({}),
      now: at(hour),
      expect: {
        state: { findings: {} },
        events: [['info drift-resolved', { finding: 'publishedDead', since: start, at: at(hour) }]],
      },
    });
  });

  it('that finds out more tells it again, but not that the next try is at another time', () => {
    const state = active({
      findings: openFinding('disabledOutOfBand', { next: { action: 'restore', at: at(hour) } }),
    });
    const later = openFinding('disabledOutOfBand', { next: { action: 'restore', at: at(2 * hour) } });
    expect(settle({ state, work: observe(later) }).events).toEqual([]);
    const known = openFinding('disabledOutOfBand', { actor: { kind: 'user', name: 'sam' }, cause: 'person' });
    check({
      state,
      work: observe(known),
      expect: { events: [['critical drift-detected', { drift: { cause: 'person' } }]] },
    });
  });

  it('accounts for passwords of our own, and then forgets when they may have been made', () => {
    const state = active({ ownWork: { from: start, to: at(minute) } });
    const work = observe({}, { accounted: { password2: start } });
    expect(settle({ state, work, now: at(hour) }).state).toEqual(
      expect.objectContaining({ accounted: { password2: start } }),
    );
    expect(settle({ state, work, now: at(hour) }).state).not.toHaveProperty('ownWork');
    expect(settle({ state, work, now: start }).state).toHaveProperty('ownWork');
  });
});

describe('healing', () => {
  const next = { action: 'restore', at: start } as const;
  const restore = { kind: 'heal', finding: 'disabledOutOfBand', action: 'restore' } as const;
  const found = active({ findings: openFinding('disabledOutOfBand', { next }) });

  it('that worked is told, and the finding is gone, but not that it was healed', () => {
    check({
      state: found,
      work: restore,
      results: [{ kind: 'setTokenStatus', ok: true, changed: true }],
      expect: {
        state: { findings: {}, healed: { disabledOutOfBand: [start] } },
        events: [
          ['critical drift-detected', { drift: { done: 'restored' } }],
          ['info drift-resolved', { finding: 'disabledOutOfBand' }],
        ],
      },
    });
  });

  it('by a new password publishes it', () => {
    check({
      state: active({ findings: openFinding('publishedDead', { next: { action: 'rotate', at: start } }) }),
      work: { kind: 'heal', finding: 'publishedDead', action: 'rotate', reissue },
      results: [issued(0)],
      expect: {
        state: { status: 'active', published: 'password2', generation: 2, findings: {} },
        events: [
          ['critical drift-detected', { drift: { done: 'rotated' } }],
          ['info rotated', { cause: 'drift' }],
          ['info drift-resolved'],
        ],
      },
    });
  });

  it('that is refused is tried again, names the policy of Azure that refuses it, and is given up in the end', () => {
    const blocked = { code: 'disabledByPolicy' } as const;
    check({
      state: found,
      work: restore,
      blocked,
      expect: {
        failed: 'disabledByPolicy',
        events: [
          [
            'critical drift-detected',
            {
              drift: {
                done: 'failed',
                code: 'disabledByPolicy',
                cause: 'azurePolicy',
                next: { action: 'restore' },
              },
            },
          ],
        ],
        state: { healed: { disabledOutOfBand: [start] } },
      },
    });
    const twice = active({
      findings: found.findings,
      healed: { disabledOutOfBand: [at(-hour), at(-minute)] },
    });
    const { events, state } = settle({ state: twice, work: restore, blocked });
    expect(events).toMatchObject([{ data: { drift: { done: 'parked', code: 'disabledByPolicy' } } }]);
    expect(JSON.stringify(state)).not.toContain('"next"');
  });

  it('that failed long ago does not count', () => {
    const before = active({
      findings: found.findings,
      healed: { disabledOutOfBand: [at(-2 * day), at(-day)] },
    });
    expect(
      settle({ state: before, work: restore, blocked: { code: 'disabledByPolicy' } }).events,
    ).toMatchObject([{ data: { drift: { done: 'failed' } } }]);
  });

  it('leaves no failure behind once it is given up, or there is nothing left to heal', () => {
    const failures = { heal: { since: start, attempts: 2, code: 'disabledByPolicy', retryAt: start } };
    const twice = active({
      findings: found.findings,
      failures,
      healed: { disabledOutOfBand: [at(-hour), at(-minute)] },
    });
    const blocked = { code: 'disabledByPolicy' } as const;
    expect(settle({ state: twice, work: restore, blocked }).state.failures).toEqual({});
    expect(settle({ state: active({ failures }), work: observe({}) }).state.failures).toEqual({});
    expect(
      settle({ state: active({ failures }), work: observe(found.findings ?? {}) }).state.failures,
    ).toEqual(failures);
  });

  it('that a service is too busy for waits without a word', () => {
    check({
      state: found,
      work: restore,
      blocked: { code: 'throttled', retryAt: at(hour) },
      expect: {
        failed: 'throttled',
        state: { failures: { heal: { retryAt: at(hour) } }, findings: found.findings },
      },
    });
  });
});
