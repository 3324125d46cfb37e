import type { Instant } from '../../contracts/instants.ts';
import { minute, plus } from '../instant-arithmetic.ts';
import type { TokenState } from '../state.ts';
import type { Step, StepKind } from '../steps.ts';

/** Longer than a step may go on after its plan was given up, and than clocks differ. */
const around = 5 * minute;

const makesPasswords: ReadonlySet<StepKind> = new Set(['issueCredential', 'retireSlot', 'revoke']);

/**
 * Says in the record, before a plan is carried out, that it may make passwords: a step that is killed does not tell of
 * those that it made.
 */
export function ownWorkBegun(state: TokenState, steps: readonly Step[], plannedAt: Instant): TokenState {
  if (state.status === 'none' || !steps.some(({ kind }) => makesPasswords.has(kind))) return state;
  const from = plus(plannedAt, -around);
  const { ownWork } = state;
  const goesOn = ownWork && (ownWork.to === undefined || ownWork.to >= from);
  return { ...state, ownWork: { from: goesOn ? ownWork.from : from } };
}

/** Once a plan is settled, no step of it or of one before goes on for long. */
export function ownWorkEnded(state: TokenState, now: Instant): TokenState {
  if (state.status === 'none' || !state.ownWork || state.ownWork.to !== undefined) return state;
  return { ...state, ownWork: { from: state.ownWork.from, to: plus(now, around) } };
}
