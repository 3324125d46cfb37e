import { expect } from 'vitest';
import { decide } from '../../../src/lifecycle/decide.ts';
import type { WorkPlan } from '../../../src/lifecycle/plan.ts';
import { type Given, situation } from '../build-facts.ts';

/** What is decided: work (as far as it is named) with these steps, or to wait until a moment. */
export type Expected =
  | {
      readonly work: Record<string, unknown>;
      readonly steps?: readonly unknown[];
      readonly blocked?: unknown;
    }
  | { readonly waitUntil: string | undefined };

export interface Row extends Given {
  readonly expect: Expected;
}

export type Table = Readonly<Record<string, Row>>;

/** One row of a table of sentences. Steps are named by their kind, or by more of them. */
export function check({ expect: expected, ...given }: Row): void {
  const { plan } = decide(situation(given));
  if ('waitUntil' in expected) {
    expect(plan).toEqual({ kind: 'wait', ...(expected.waitUntil ? { wakeAt: expected.waitUntil } : {}) });
    return;
  }
  if (plan.kind !== 'work') throw new Error(`It waits until ${plan.wakeAt}.`);
  const { work, steps = [], blocked } = expected;
  expect(plan.work).toMatchObject(work);
  expect(plan.blocked).toEqual(blocked);
  expect(shown(plan, steps)).toEqual(steps);
}

/** Each step by its kind where that is all that is expected of it; else with as much as is expected. */
function shown({ steps }: WorkPlan, expected: readonly unknown[]): unknown[] {
  return steps.map((step, index) => {
    const wanted = expected[index];
    if (typeof wanted !== 'object' || wanted === null) return step.kind;
    expect(step).toMatchObject(wanted);
    return wanted;
  });
}
