import type { SettleRequest } from '../lifecycle/activity-calls.ts';
import { millisecondsBetween, second } from '../lifecycle/instant-arithmetic.ts';
import type { Settlement } from '../lifecycle/settlement.ts';

/** What a plan led to, in one record of the log. Fixed words, names and numbers only. */
export interface PlanSettledRecord {
  readonly record: 'planSettled';
  readonly registry: string;
  readonly token: string;
  readonly entrance?: string;
  readonly owner?: string;
  readonly plan: number;
  /** What it was for, such as `rotate`. */
  readonly work: string;
  readonly result: 'done' | 'failed';
  /** Of a failure. */
  readonly code?: string;
  /** `incarnation/generation`, as the tags of the secret's versions have it. */
  readonly rotationId: string;
  /** Keys of the commands that ended. */
  readonly commands: readonly string[];
  /** Kinds of the steps that were taken; the last one failed if `result` says so. */
  readonly steps: readonly string[];
  /** Types of the events. */
  readonly events: readonly string[];
  /** Of the token, afterwards. */
  readonly status: string;
  /** From planning to settling, waits of the activities included. */
  readonly tookSeconds: number;
}

/** The record of a plan that was settled; to be logged once, when it was written. */
export function planSettledRecord(
  { plan, results, now }: Pick<SettleRequest, 'plan' | 'results' | 'now'>,
  { state, events, outcomes, history }: Settlement,
): PlanSettledRecord {
  const { registry, token } = state.identity;
  const failure = history.find(({ result }) => result === 'failed');
  const managed = state.status === 'none' ? undefined : state.managed;
  return {
    record: 'planSettled',
    registry,
    token,
    ...(managed && { entrance: managed.entrance, owner: managed.owner }),
    plan: plan.number,
    work: plan.work.kind,
    result: failure ? 'failed' : 'done',
    ...(failure?.code === undefined ? {} : { code: failure.code }),
    rotationId: `${state.incarnation}/${state.generation}`,
    commands: outcomes.map(({ key }) => key),
    steps: results.map(({ kind }) => kind),
    events: events.map(({ type }) => type),
    status: state.status,
    tookSeconds: Math.round(millisecondsBetween(plan.plannedAt, now) / second),
  };
}
