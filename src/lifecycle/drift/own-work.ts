import type { Instant } from '../../contracts/instants.ts';
import type { Slot } from '../credential.ts';
import { latest, minute, plus } from '../instant-arithmetic.ts';
import type { TokenState } from '../state.ts';
import type { Step, StepKind, StepResult } from '../steps.ts';

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

/**
 * Once a plan is settled, no step of it or of one before goes on for long. If all that it made is known, whatever else may
 * be ours is older: only one attempt at a time holds the token's lease, and the registry's clock tells their order.
 */
export function ownWorkEnded(
  state: TokenState,
  steps: readonly Step[],
  results: readonly StepResult[],
  now: Instant,
): TokenState {
  if (state.status === 'none' || !state.ownWork || state.ownWork.to !== undefined) return state;
  const { from } = state.ownWork;
  const made = madeBy(steps, results);
  const accounted = { ...state.accounted, ...made?.ended };
  return { ...state, accounted, ownWork: { from, to: made?.last ?? plus(now, around) } };
}

/** Undefined: there may be passwords that no result tells of. */
function madeBy(steps: readonly Step[], results: readonly StepResult[]) {
  let last: Instant | undefined;
  const ended: Partial<Record<Slot, Instant>> = {};
  for (const [index, { kind }] of steps.entries()) {
    if (!makesPasswords.has(kind)) continue;
    const made = createdBy(results[index]);
    if (!made) return undefined;
    if (made.kind === 'retireSlot') ended[made.slot] = made.createdAt;
    last = latest(last, made.createdAt);
  }
  return last === undefined ? undefined : { last, ended };
}

function createdBy(result: StepResult | undefined) {
  if (!result?.ok) return undefined;
  if (result.kind === 'issueCredential')
    return { kind: result.kind, slot: result.slot, createdAt: result.slotCreatedAt };
  if (result.kind !== 'retireSlot' || result.createdAt === undefined) return undefined;
  return { kind: result.kind, slot: result.slot, createdAt: result.createdAt };
}
