import type { EventContent } from '../../contracts/events.ts';
import type { Instant } from '../../contracts/instants.ts';
import { about } from '../announce.ts';
import { nextTry, urgent } from '../back-off.ts';
import { marked } from '../command-order.ts';
import { type Credentials, slots } from '../credential.ts';
import { missingParts } from '../decide/revocation.ts';
import { latest, minute, plus } from '../instant-arithmetic.ts';
import { type WorkOf, workKey } from '../plan.ts';
import type { Draft } from '../settlement.ts';
import { type ManagedState, managedPart, type Revocation } from '../state.ts';
import { type StepResult, success } from '../steps.ts';
import { done } from './done.ts';
import { exposedUntil } from './ending.ts';
import type { Settled } from './issuing.ts';

/** How often somebody is told that a token is not cut off. */
const tellEvery = 15 * minute;

type Revoking = Settled<ManagedState, WorkOf<'revoke'>>;

/**
 * What one try at cutting a token off led to. It is revoked once it is disabled and its passwords are regenerated;
 * whatever is missing is tried on, without end.
 */
export function revoked(settled: Revoking): Draft {
  const tried = triedOnce(settled);
  const cutOff = tried.disabledAt !== undefined && tried.regeneratedAt !== undefined;
  const draft = cutOff ? complete(settled, tried) : { state: { ...settled.state, revocation: tried } };
  const missing = missingParts(draft.state);
  return missing.length === 0
    ? { ...draft, state: { ...draft.state, revocation: undefined } }
    : incomplete(settled, draft, missing);
}

function triedOnce({ state, work, results, now }: Revoking): Revocation {
  const begun = state.revocation ?? { command: work.command, since: now, attempts: 0, ended: false };
  const { disabledAt, secretOffAt, regeneratedAt } = success(results, 'revoke') ?? {};
  return {
    ...begun,
    attempts: begun.attempts + 1,
    ...(disabledAt === undefined ? {} : { disabledAt }),
    ...(secretOffAt === undefined ? {} : { secretOffAt }),
    ...(regeneratedAt === undefined ? {} : { regeneratedAt }),
  };
}

type RevokingDraft = Draft & { readonly state: ManagedState };

/** The token can no longer be used. If its command has ended before, there is nothing new to tell. */
function complete({ state, now }: Revoking, revocation: Revocation): RevokingDraft {
  if (revocation.ended) return { state: { ...state, revocation } };
  const { command, disabledAt, regeneratedAt } = revocation;
  const at = latest(disabledAt, regeneratedAt) ?? now;
  const exposureUntil = exposedUntil(at);
  return {
    state: {
      ...managedPart(state),
      status: 'revoked',
      since: now,
      exposureUntil,
      applied: marked(state.applied, command, ['status']),
      removed: state.status === 'revoked' && state.removed,
      credentials: {},
      published: undefined,
      deferredRotation: undefined,
      adoption: undefined,
      revocation: { ...revocation, ended: true },
    },
    events: [
      {
        type: 'keyturn.token.revoked',
        severity: 'warning',
        data: {
          ...about(state, command),
          cause: 'request',
          ...(command.reason === undefined ? {} : { reason: command.reason }),
          at,
          cutOff: cutOffSlots(state.credentials, at),
          exposureUntil,
        },
      },
    ],
    outcomes: done(command, now),
  };
}

function cutOffSlots(credentials: Credentials, at: Instant) {
  return slots
    .filter((slot) => credentials[slot] && credentials[slot].retiredAt === undefined)
    .map((slot) => ({ slot, at }));
}

function incomplete(
  { work, results, now }: Revoking,
  draft: RevokingDraft,
  missing: ReturnType<typeof missingParts>,
): Draft {
  const { state } = draft;
  const { code, retryAt: askedFor } = failureOf(results);
  const { since, attempts, toldAt } = state.revocation ?? { since: now, attempts: 1 };
  const retryAt = nextTry({ attempts, now, token: state.identity.token, backOff: urgent, askedFor });
  const isNews = toldAt === undefined || plus(toldAt, tellEvery) <= now;
  const told: EventContent = {
    type: 'keyturn.token.revocation-incomplete',
    severity: 'critical',
    data: { ...about(state, work.command), missing, since, attempts },
  };
  return {
    ...draft,
    state: {
      ...state,
      ...(state.revocation && isNews ? { revocation: { ...state.revocation, toldAt: now } } : {}),
      failures: { ...state.failures, [workKey(work)]: { since, attempts, code, retryAt } },
    },
    events: [...(draft.events ?? []), ...(isNews ? [told] : [])],
    failed: code,
  };
}

/** Why the step failed, or why the first of its parts did. */
function failureOf(results: readonly StepResult[]): { code: string; retryAt?: Instant } {
  const result = results.find((each): each is StepResult<'revoke'> => each.kind === 'revoke');
  const { code = 'unexpected', retryAt } = result ?? {};
  return { code, ...(retryAt === undefined ? {} : { retryAt }) };
}
