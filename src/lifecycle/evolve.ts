import { createHash } from 'node:crypto';
import { buildEvent } from '../contracts/events.ts';
import type { Instant } from '../contracts/instants.ts';
import { tokenKey } from '../contracts/names.ts';
import { aspectsOf, type Marks, marked } from './command-order.ts';
import { ownWorkEnded } from './drift/own-work.ts';
import { denied, putOff, superseded } from './evolve/closing.ts';
import { done } from './evolve/done.ts';
import { abandoned, deleted, disabled, ended, expired, warned } from './evolve/ending.ts';
import { failed } from './evolve/failing.ts';
import { adopted, converged, enabled, provisioned, rotated } from './evolve/issuing.ts';
import { healed, observed } from './evolve/observing.ts';
import { revoked } from './evolve/revoking.ts';
import { windowIgnored } from './evolve/window-ignored.ts';
import { type Blocked, type Work, type WorkPlan, workKey } from './plan.ts';
import type { Draft, HistoryEntry, Settlement } from './settlement.ts';
import { isOpen, type StateOf, type Status, type TokenState } from './state.ts';
import { type StepResult, success } from './steps.ts';

/**
 * What the record says after a plan, and what is told: the state, the events, the outcomes of commands, the history.
 * Nothing, if the plan is settled already or the record has a newer one.
 *
 * @param results of the steps in their order, up to the first that failed
 * @param now the orchestration's time
 */
export function evolve(
  state: TokenState,
  plan: WorkPlan,
  results: readonly StepResult[],
  now: Instant,
): Settlement {
  if (!isOpen(state, plan.number)) return { state, events: [], outcomes: [], history: [] };
  const failure = failureOf(plan, results);
  const draft = failure ? undefined : succeeded(state, plan.work, results, now);
  const settled = draft ?? failed(state, plan.work, failure ?? { code: 'unexpected' }, now);
  return settlement(plan, { ...settled, state: ownWorkEnded(settled.state, plan.steps, results, now) }, now);
}

/**
 * Why a plan did not succeed. Once a credential is published the plan has, whatever came after: what is left is due
 * by itself. Cutting a token off judges its own result.
 */
function failureOf({ work, steps, blocked }: WorkPlan, results: readonly StepResult[]): Blocked | undefined {
  if (blocked) return blocked;
  if (work.kind === 'revoke' || success(results, 'issueCredential')) return undefined;
  const bad = results.find((result) => !result.ok);
  if (bad && !bad.ok) return bad;
  return results.length < steps.length ? { code: 'unexpected' } : undefined;
}

function succeeded(
  state: TokenState,
  work: Work,
  results: readonly StepResult[],
  now: Instant,
): Draft | undefined {
  const draft = outcome(state, work, results, now);
  if (!draft || draft.failed !== undefined) return draft;
  return { ...draft, state: withoutTraces(draft.state, work, results) };
}

/** What some work that succeeded led to; nothing if it does not fit the record's status. */
function outcome(
  state: TokenState,
  work: Work,
  results: readonly StepResult[],
  now: Instant,
): Draft | undefined {
  switch (work.kind) {
    case 'recover':
      return { state: { ...work.recovered, plan: state.plan } };
    case 'readLostRecord':
    case 'judge':
      return undefined;
    case 'deny':
      return denied(state, work, now);
    case 'supersede':
      return superseded(state, work, now);
    case 'acknowledge':
      return { state, outcomes: done(work.command, now) };
    case 'deferRotation':
      return during(upOrOff, state, (its) => putOff(its, work, now));
    case 'provision':
    case 'reinstate':
      return during(managedStatuses, state, (its) => provisioned({ state: its, work, results, now }));
    case 'adopt':
      return during(['provisioning'], state, (its) => adopted({ state: its, work, results, now }));
    case 'abandon':
      return during(['provisioning', 'disabled'], state, (its) =>
        abandoned({ state: its, work, results, now }),
      );
    case 'converge':
      return during(upOrOff, state, (its) => converged({ state: its, work, results, now }));
    case 'rotate':
      return during(['active'], state, (its) => rotated({ state: its, work, results, now }));
    case 'retire':
      return during(['active'], state, (its) => ended({ state: its, work, results, now }));
    case 'expire':
      return during(['active'], state, (its) => expired({ state: its, work, results, now }));
    case 'warn':
      return during(['active'], state, (its) => warned({ state: its, work, results, now }));
    case 'ignoreWindow':
      return during(['active'], state, (its) => windowIgnored(its, work));
    case 'disable':
      return during(aliveStatuses, state, (its) => disabled({ state: its, work, results, now }));
    case 'enable':
      return during(upOrOff, state, (its) => enabled({ state: its, work, results, now }));
    case 'observe':
      return observed(state, work, now);
    case 'heal':
      return during(managedStatuses, state, (its) => healed({ state: its, work, results, now }));
    case 'delete':
      return during(managedStatuses, state, (its) => deleted({ state: its, work, results, now }));
    case 'revoke':
      return during(managedStatuses, state, (its) => revoked({ state: its, work, results, now }));
  }
}

const upOrOff = ['active', 'disabled'] as const;
const aliveStatuses = ['provisioning', 'active', 'disabled', 'expired'] as const;
const managedStatuses = [...aliveStatuses, 'deleted', 'revoked'] as const;

function during<S extends Status>(
  statuses: readonly S[],
  state: TokenState,
  then: (state: StateOf<S>) => Draft | undefined,
): Draft | undefined {
  return isOneOf(state, statuses) ? then(state) : undefined;
}

function isOneOf<S extends Status>(
  state: TokenState,
  statuses: readonly S[],
): state is TokenState & StateOf<S> {
  return statuses.some((status) => status === state.status);
}

/** Work that only says how a command ends changes nothing about what failed before. */
const onlyCloses: ReadonlySet<Work['kind']> = new Set([
  'deny',
  'supersede',
  'acknowledge',
  'deferRotation',
  'warn',
  'ignoreWindow',
  'observe',
  'heal',
]);

/** The state after some work: its command is applied, and what failed before is forgotten, if it is mended by this. */
function withoutTraces(state: TokenState, work: Work, results: readonly StepResult[]): TokenState {
  const mended = new Set<string>([workKey(work)]);
  if (success(results, 'issueCredential')) mended.add('rotate').add('retire');
  if (state.status !== 'active') for (const kind of broughtByTime) mended.add(kind);
  const parked = onlyCloses.has(work.kind) && state.parked?.work !== work.kind ? state.parked : undefined;
  return { ...state, failures: without(state.failures, mended), parked, applied: appliedBy(state, work) };
}

const broughtByTime: readonly Work['kind'][] = ['rotate', 'retire', 'expire'];

function without(failures: TokenState['failures'], keys: ReadonlySet<string>): TokenState['failures'] {
  return Object.fromEntries(Object.entries(failures).filter(([key]) => !keys.has(key)));
}

function appliedBy({ applied }: TokenState, work: Work): Marks {
  const counts = 'command' in work && work.command && !endsUnapplied.has(work.kind);
  return counts ? marked(applied, work.command, aspectsOf(work.command.type)) : applied;
}

/** The command was not carried out. */
const endsUnapplied: ReadonlySet<Work['kind']> = new Set(['deny', 'deferRotation']);

function settlement(plan: WorkPlan, draft: Draft, now: Instant): Settlement {
  const { work, number } = plan;
  const { events = [], outcomes = [], failed: code, observed, unremarkable } = draft;
  const ended = new Set(outcomes.map(({ key }) => key));
  const state = { ...draft.state, settled: number, failures: without(draft.state.failures, ended) };
  const { incarnation, generation } = state;
  const entry: HistoryEntry = {
    at: now,
    plan: number,
    work: work.kind,
    result: code === undefined ? 'done' : 'failed',
    ...(code === undefined ? {} : { code }),
    ...('command' in work && work.command ? { command: work.command.key } : {}),
    incarnation,
    generation,
    status: state.status,
  };
  return {
    state,
    events: events.map((content, index) => buildEvent(content, eventId(state, plan, index), now)),
    outcomes,
    history: unremarkable ? [] : [entry],
    ...(observed === undefined ? {} : { observed }),
  };
}

/** The same whenever the plan is settled again; short enough for a message id of Service Bus (128 characters). */
function eventId({ identity }: TokenState, { number, plannedAt }: WorkPlan, index: number): string {
  const text = JSON.stringify([tokenKey(identity.loginServer, identity.token), number, plannedAt, index]);
  return createHash('sha256').update(text).digest('hex');
}
