import type { Instant } from '../contracts/instants.ts';
import { millisecondsBetween, second } from '../lifecycle/instant-arithmetic.ts';
import type { Status } from '../lifecycle/state.ts';
import type { InventoryRow } from '../ports/inventory.ts';

/** The tokens of one entrance on one registry, counted at one moment. Flat, so that a query needs no unpacking. */
export interface FleetRecord {
  readonly record: 'fleet';
  readonly registry: string;
  /** Empty: tokens that were asked for and do not exist yet. */
  readonly entrance: string;
  /** All that are not deleted. */
  readonly tokens: number;
  readonly provisioning: number;
  readonly active: number;
  readonly disabled: number;
  readonly expired: number;
  readonly revoked: number;
  readonly deleted: number;
  /** Active tokens whose password ends within two days, with no rotation to come before. */
  readonly nearDeadline: number;
  /** Tokens that something is wrong with: see `contracts/findings.ts`. */
  readonly withFindings: number;
  /** Tokens with work that did not succeed and is tried again, and those with work that waits for a person. */
  readonly failing: number;
  readonly parked: number;
  /** Active tokens whose rotation should have been done by now. */
  readonly rotationOverdue: number;
  /** Tokens with a command that waits. */
  readonly waiting: number;
  /** Seconds that the longest of them has waited; 0 if none does. */
  readonly longestWaitSeconds: number;
  /** Tokens whose lifecycle has not kept its promise to look. */
  readonly late: number;
  /** Seconds until the first password of an active token ends, less than 0 if it has; missing if there is none. */
  readonly nearestDeadlineSeconds?: number;
  /** The token that it is of. */
  readonly nearestDeadlineToken?: string;
}

type Counts = { -readonly [Name in keyof FleetRecord]: FleetRecord[Name] };

/** A rotation or a look is late when this much has gone by: less happens to a healthy Keyturn. Milliseconds. */
const tolerance = 600 * second;

/** Counts tokens as they come, and keeps no more of them than the counts of their entrances. */
export class FleetCount {
  readonly #now: Instant;
  readonly #records = new Map<string, Counts>();

  constructor(now: Instant) {
    this.#now = now;
  }

  add(row: InventoryRow, nearDeadline: boolean): void {
    const counts = this.#countsOf(row);
    if (nearDeadline) counts.nearDeadline += 1;
    countTrouble(counts, row);
    countStatus(counts, row.status);
    countDelays(counts, row, this.#now);
    if (row.status === 'active') countDeadline(counts, row, this.#now);
  }

  /** One for each entrance of each registry that has had tokens. */
  records(): FleetRecord[] {
    return [...this.#records.values()];
  }

  #countsOf({ registry, entrance = '' }: InventoryRow): Counts {
    const key = `${registry} ${entrance}`;
    const counts = this.#records.get(key) ?? emptyRecord(registry, entrance);
    this.#records.set(key, counts);
    return counts;
  }
}

function emptyRecord(registry: string, entrance: string): Counts {
  return {
    record: 'fleet',
    registry,
    entrance,
    tokens: 0,
    provisioning: 0,
    active: 0,
    disabled: 0,
    expired: 0,
    revoked: 0,
    deleted: 0,
    nearDeadline: 0,
    withFindings: 0,
    failing: 0,
    parked: 0,
    rotationOverdue: 0,
    waiting: 0,
    longestWaitSeconds: 0,
    late: 0,
  };
}

function countTrouble(counts: Counts, { findings, failing, parked }: InventoryRow): void {
  if (findings?.length) counts.withFindings += 1;
  if (failing) counts.failing += 1;
  if (parked) counts.parked += 1;
}

function countStatus(counts: Counts, status: Status): void {
  if (status === 'none') return;
  counts[status] += 1;
  if (status !== 'deleted') counts.tokens += 1;
}

function countDelays(
  counts: Counts,
  { pendingSince, lookAt, nextRotation, status }: InventoryRow,
  now: Instant,
) {
  if (pendingSince !== undefined) {
    counts.waiting += 1;
    counts.longestWaitSeconds = Math.max(counts.longestWaitSeconds, secondsBetween(pendingSince, now));
  }
  if (isPast(lookAt, now)) counts.late += 1;
  if (status === 'active' && isPast(nextRotation, now)) counts.rotationOverdue += 1;
}

function countDeadline(counts: Counts, { token, expiresAt }: InventoryRow, now: Instant): void {
  if (expiresAt === undefined) return;
  const seconds = secondsBetween(now, expiresAt);
  if (seconds >= (counts.nearestDeadlineSeconds ?? Number.POSITIVE_INFINITY)) return;
  counts.nearestDeadlineSeconds = seconds;
  counts.nearestDeadlineToken = token;
}

function isPast(instant: Instant | undefined, now: Instant): boolean {
  return instant !== undefined && millisecondsBetween(instant, now) > tolerance;
}

function secondsBetween(from: Instant, to: Instant): number {
  return Math.floor(millisecondsBetween(from, to) / second);
}
