import type { Drift } from '../../contracts/event-data.ts';
import type { EventContent } from '../../contracts/events.ts';
import type { TokenFinding } from '../../contracts/findings.ts';
import type { Instant } from '../../contracts/instants.ts';
import { about } from '../announce.ts';
import { nextTry } from '../back-off.ts';
import { slots } from '../credential.ts';
import { mostHealingsADay } from '../drift/healing.ts';
import { type OpenFindings, type OpenTokenFinding, openFindings } from '../drift/open-finding.ts';
import { day, plus } from '../instant-arithmetic.ts';
import type { Blocked, WorkOf } from '../plan.ts';
import type { Draft } from '../settlement.ts';
import type { ManagedState, TokenState } from '../state.ts';
import { remedyOf } from '../step-failures.ts';
import { announceRotated } from './announce-rotated.ts';
import type { Settled } from './issuing.ts';
import { publish } from './publish.ts';

/** What a look at a token led to: the findings that are open now, and what there is to tell of them. */
export function observed(state: TokenState, work: WorkOf<'observe'>, now: Instant): Draft {
  const looked = work.seen === undefined ? {} : { observed: work.seen };
  if (state.status === 'none') return { state, unremarkable: true, ...looked };
  const events = eventsBetween(state, work.findings, now);
  const { ownWork, ...kept } = withoutIdleFailure({ ...state, findings: work.findings });
  const isAccounted = Object.keys(work.accounted).length > 0 && ownWork?.to !== undefined && ownWork.to < now;
  return {
    state: {
      ...kept,
      ...(ownWork && !isAccounted ? { ownWork } : {}),
      accounted: { ...state.accounted, ...work.accounted },
      comparedBy: state.plan,
    },
    events,
    unremarkable: events.length === 0,
    ...looked,
  };
}

/** What was done about a finding has worked: it is told, and the finding is gone. */
export function healed({
  state,
  work,
  results,
  now,
}: Settled<ManagedState, WorkOf<'heal'>>): Draft | undefined {
  const { finding, action, reissue } = work;
  const open = state.findings?.[finding];
  if (!open) return undefined;
  const active = reissue && publish(withoutLost(state, work, now), state.managed, reissue, results);
  if (reissue && !active) return undefined;
  const after = active ?? state;
  const { next: _next, code: _code, ...drift } = open.drift;
  const done = ({ restore: 'restored', rotate: 'rotated', disable: 'disabled' } as const)[action];
  const told: OpenTokenFinding = { ...open, drift: { ...drift, done } };
  return {
    state: {
      ...after,
      findings: without(state.findings, finding),
      healed: healedOnceMore(state, finding, now),
    },
    events: [
      detectedAgain(after, told),
      ...(active ? announceRotated(active, 'drift', undefined, results, now) : []),
      resolved(after, open, now),
    ],
  };
}

/** Passwords that are gone need no longer work until any time. */
function withoutLost(state: ManagedState, { lost = [] }: WorkOf<'heal'>, now: Instant): ManagedState {
  const credentials = Object.fromEntries(
    slots.map((slot) => {
      const credential = state.credentials[slot];
      return [slot, credential && lost.includes(slot) ? { ...credential, retiredAt: now } : credential];
    }),
  );
  return { ...state, credentials };
}

/** What was tried did not help. A service that is down is waited for; of anything else there are but a few tries a day. */
export function healingFailed(
  state: ManagedState,
  { finding, action }: WorkOf<'heal'>,
  { code, retryAt: askedFor }: Blocked,
  now: Instant,
): Draft {
  const open = state.findings?.[finding];
  const attempts = (state.failures.heal?.attempts ?? 0) + 1;
  const retryAt = nextTry({ attempts, now, token: state.identity.token, askedFor });
  const failure = { since: state.failures.heal?.since ?? now, attempts, code, retryAt };
  const waits = { ...state, failures: { ...state.failures, heal: failure } };
  if (!open || isPassing(code)) return { state: waits, failed: code };
  const healedTimes = healedOnceMore(state, finding, now);
  const isLast = (healedTimes?.[finding]?.length ?? 0) >= mostHealingsADay;
  const { next: _next, ...drift } = open.drift;
  const told: OpenTokenFinding = {
    severity: isLast ? 'critical' : open.severity,
    drift: {
      ...withPolicyAsCause(drift, code),
      code,
      done: isLast ? 'parked' : 'failed',
      ...(isLast ? {} : { next: { action, at: retryAt } }),
    },
  };
  const findings = { ...state.findings, [finding]: told };
  return {
    state: withoutIdleFailure({ ...waits, findings, healed: healedTimes }),
    events: [detectedAgain(state, told)],
    failed: code,
  };
}

/** A service was not there, or something came between: that says nothing about whether healing helps. */
function isPassing(code: string): boolean {
  return remedyOf(code).remedy === 'again' || outOfReach.has(code);
}

const outOfReach: ReadonlySet<string> = new Set([
  'throttled',
  'unavailable',
  'conflict',
  'acceptanceUnknown',
  'unknownStep',
]);

/** A failure to heal counts while there is something to heal. */
function withoutIdleFailure(state: ManagedState): ManagedState {
  const { heal, ...others } = state.failures;
  const goesOn = openFindings(state.findings).some(([, { drift }]) => drift.next);
  return heal && !goesOn ? { ...state, failures: others } : state;
}

function withPolicyAsCause(drift: Drift, code: string): Drift {
  if (code !== 'disabledByPolicy' || drift.cause === 'azurePolicy') return drift;
  const evidence = [...drift.evidence, 'The registry answered `disabled` when Keyturn enabled the token.'];
  return { ...drift, cause: 'azurePolicy', evidence };
}

function healedOnceMore(
  { healed: before }: ManagedState,
  finding: TokenFinding,
  now: Instant,
): ManagedState['healed'] {
  const lately = (before?.[finding] ?? []).filter((at) => plus(at, day) > now);
  return { ...before, [finding]: [...lately, now] };
}

function without(findings: OpenFindings | undefined, gone: TokenFinding): OpenFindings {
  return Object.fromEntries(openFindings(findings).filter(([finding]) => finding !== gone));
}

function eventsBetween(state: ManagedState, after: OpenFindings, now: Instant): EventContent[] {
  const before = state.findings;
  const told = openFindings(after).flatMap(([finding, open]) => {
    const earlier = before?.[finding];
    if (!earlier) return [detected(state, open)];
    return tellingPart(earlier) === tellingPart(open) ? [] : [detectedAgain(state, open)];
  });
  const gone = openFindings(before).filter(([finding]) => !after[finding]);
  return [...told, ...gone.map(([, open]) => resolved(state, open, now))];
}

/** That the next try is at another time is no news. */
function tellingPart({ severity, drift: { next, ...drift } }: OpenTokenFinding): string {
  return JSON.stringify({ severity, drift, next: next?.action });
}

function detected(state: ManagedState, open: OpenTokenFinding): EventContent {
  const { drift } = open;
  const at = drift.happenedAt ?? drift.since;
  const data = { ...about(state), cause: 'outOfBand', at, drift } as const;
  if (drift.finding === 'disabledOutOfBand')
    return { type: 'keyturn.token.disabled', severity: open.severity, data };
  if (drift.finding === 'deletedOutOfBand')
    return { type: 'keyturn.token.deleted', severity: open.severity, data };
  return detectedAgain(state, open);
}

function detectedAgain(state: ManagedState, { severity, drift }: OpenTokenFinding): EventContent {
  return { type: 'keyturn.token.drift-detected', severity, data: { ...about(state), drift } };
}

function resolved(
  state: ManagedState,
  { drift: { finding, since } }: OpenTokenFinding,
  at: Instant,
): EventContent {
  return {
    type: 'keyturn.token.drift-resolved',
    severity: 'info',
    data: { ...about(state), finding, since, at },
  };
}
