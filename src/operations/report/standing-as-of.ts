import type { Instant } from '../../contracts/instants.ts';
import { latest } from '../../lifecycle/instant-arithmetic.ts';
import type { WorkKind } from '../../lifecycle/plan.ts';
import type { HistoryEntry } from '../../lifecycle/settlement.ts';
import type { ManagedState, Status } from '../../lifecycle/state.ts';

/** What the history of a token proves of it at a moment. */
export interface Standing {
  /** `unknown`: the history does not reach back so far. */
  readonly status: Status | 'unknown';
  /** When this life of the token began, or a moment by which it had, where the history does not show more. */
  readonly created: { readonly at: Instant } | { readonly noLaterThan: Instant } | undefined;
  /** When its password was last changed; missing if that is not known. */
  readonly lastRotated: Instant | undefined;
  /**
   * The first time after the moment when owner, access, schedule, end of life or purpose may have changed, so that what
   * the record says of them now need not have been so then. Missing: they were the same.
   */
  readonly changedSince: Instant | undefined;
}

/** Work that makes a token, or takes over one that is there: so its life with Keyturn begins. */
const beginnings: ReadonlySet<WorkKind> = new Set<WorkKind>(['provision', 'adopt']);

/** Work after which a token is managed as it was before. */
const leavesTerms: ReadonlySet<WorkKind> = new Set<WorkKind>([
  ...['rotate', 'retire', 'expire', 'warn', 'disable', 'enable', 'delete', 'revoke', 'reinstate'],
  ...['deny', 'supersede', 'acknowledge', 'deferRotation', 'ignoreWindow', 'judge', 'readLostRecord'],
] as const);

/**
 * How a token stood at a moment; nothing if it is proven that there was no such token then, not yet or not any more. A
 * history that was cut off proves less, and a token that may have been there is shown rather than left out.
 *
 * @param history in any order, as far as it was kept
 * @param asOf nothing: now
 */
export function standingAsOf(
  state: ManagedState,
  history: readonly HistoryEntry[],
  asOf: Instant | undefined,
): Standing | undefined {
  const entries = [...history].sort((one, other) => one.plan - other.plan);
  const then = entries.filter(({ at }) => asOf === undefined || at <= asOf);
  const after = entries.slice(then.length);
  const last = then.at(-1);
  if (!last) return beforeAll(state, after);
  const status = asOf === undefined ? state.status : (last.status ?? 'unknown');
  const life = then.filter(({ incarnation }) => incarnation === last.incarnation);
  if (status === 'none' || status === 'deleted' || isEnded(life)) return undefined;
  const changed = after.find((entry) => entry.result === 'done' && !leavesTerms.has(entry.work));
  return {
    status,
    created: createdIn(life),
    lastRotated: lastRotated(life, state, asOf),
    changedSince: changed?.at,
  };
}

/** The history shows nothing of the moment: it was cut off, or the token came later. */
function beforeAll(state: ManagedState, after: readonly HistoryEntry[]): Standing | undefined {
  const first = after.find(({ generation, result }) => generation > 0 && result === 'done') ?? after[0];
  if (first && beginnings.has(first.work)) return undefined;
  if (!first && state.status === 'deleted') return undefined;
  return { status: 'unknown', created: undefined, lastRotated: undefined, changedSince: first?.at };
}

/** A revoked token that was deleted stays revoked. */
function isEnded(life: readonly HistoryEntry[]): boolean {
  return life.some(({ work, result }) => result === 'done' && work === 'delete');
}

function createdIn(life: readonly HistoryEntry[]): Standing['created'] {
  const made = life.find(({ work, result }) => beginnings.has(work) && result === 'done');
  if (made) return { at: made.at };
  const seen = life.find(({ generation }) => generation > 0);
  return seen && { noLaterThan: seen.at };
}

/** By the history, where a generation follows on another; and by the passwords that the record still knows. */
function lastRotated(
  life: readonly HistoryEntry[],
  { credentials, incarnation }: ManagedState,
  asOf: Instant | undefined,
): Instant | undefined {
  const changes = life.filter(({ generation, work }, index) => {
    const before = life[index - 1];
    return before ? generation > before.generation : beginnings.has(work) && generation > 0;
  });
  const known = Object.values(credentials)
    .filter((credential) => credential?.incarnation === incarnation)
    .flatMap((credential) => credential?.publishedAt ?? [])
    .filter((publishedAt) => asOf === undefined || publishedAt <= asOf);
  const sameLife = life.at(-1)?.incarnation === incarnation;
  return latest(changes.at(-1)?.at, ...(sameLife ? known : []));
}
