import { expect } from 'vitest';
import { eventSchema } from '../../../src/contracts/events.ts';
import { evolve } from '../../../src/lifecycle/evolve.ts';
import type { Blocked, Reissue, Work, WorkPlan } from '../../../src/lifecycle/plan.ts';
import { readState } from '../../../src/lifecycle/read-state.ts';
import type { Settlement } from '../../../src/lifecycle/settlement.ts';
import type { TokenState } from '../../../src/lifecycle/state.ts';
import type { StepResult, StepSuccess } from '../../../src/lifecycle/steps.ts';
import { at, day, minute, start } from '../build.ts';
import { stored } from '../model/lifecycle-run.ts';

export interface Given {
  readonly state: TokenState;
  readonly work: Work;
  readonly results?: readonly StepResult[];
  readonly blocked?: Blocked;
  readonly now?: string;
}

export interface Row extends Given {
  readonly expect: {
    /** As much of the state as is named. */
    readonly state?: Record<string, unknown>;
    /** Each event, as far as it is named: `severity type` and some data. */
    readonly events?: readonly (readonly [string, Record<string, unknown>?])[];
    /** `status`, or `status: code`. */
    readonly outcomes?: readonly string[];
    readonly failed?: string;
  };
}

export type Table = Readonly<Record<string, Row>>;

/** Settles a plan for that work; it is the record's present one. */
export function settle({ state, work, results = [], blocked, now = start }: Given): Settlement {
  const plan: WorkPlan = {
    kind: 'work',
    number: state.plan + 1,
    plannedAt: start,
    work,
    steps: [],
    ...(blocked ? { blocked } : {}),
  };
  return evolve({ ...state, plan: plan.number }, plan, results, now);
}

/** One row of a table of sentences. Every state can be read again, and every event keeps to its schema. */
export function check({ expect: expected, ...given }: Row): void {
  const { state, events, outcomes, history } = settle(given);
  for (const event of events) expect(eventSchema.parse(event)).toEqual(event);
  expect(readState(stored(state))).toEqual(stored(state));
  if (expected.state) expect(stored(state)).toMatchObject(expected.state);
  const types = events.map(({ severity, type }) => `${severity} ${type.replace('keyturn.token.', '')}`);
  expect(types).toEqual((expected.events ?? []).map(([type]) => type));
  for (const [index, [, data = {}]] of (expected.events ?? []).entries()) {
    expect(events[index]?.data).toMatchObject(data);
  }
  expect(outcomes.map(({ status, code }) => (code ? `${status}: ${code}` : status))).toEqual(
    expected.outcomes ?? [],
  );
  expect(history).toMatchObject([
    {
      work: given.work.kind,
      result: expected.failed ? 'failed' : 'done',
      ...(expected.failed ? { code: expected.failed } : {}),
    },
  ]);
}

export const reissue: Reissue = { incarnation: 1, generation: 2, mayCutShort: false };

/** A credential that was issued into the second slot, some milliseconds after `start`. */
export function issued(
  after: number,
  changes: Partial<StepSuccess<'issueCredential'>> = {},
): StepSuccess<'issueCredential'> {
  return {
    kind: 'issueCredential',
    ok: true,
    slot: 'password2',
    slotCreatedAt: at(after),
    publishedAt: at(after + minute),
    expiresAt: at(after + 74 * day),
    secretVersion: 'version2',
    verified: true,
    ...changes,
  };
}
