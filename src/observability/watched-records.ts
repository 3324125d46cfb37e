import type { Instant } from '../contracts/instants.ts';
import { hour, millisecondsBetween } from '../lifecycle/instant-arithmetic.ts';
import type { InventoryRow } from '../ports/inventory.ts';

// Log records that alert rules of the infrastructure wait for (infra/modules/alert-rules.bicep). Tests hold the rules'
// queries against these types.

/** Every ten minutes: that Keyturn is alive, for a watchdog outside of it. */
export interface HeartbeatRecord {
  readonly record: 'heartbeat';
}

/** An alert, beside what goes to the sinks. */
export interface AlertRecord {
  readonly record: 'alert';
  readonly severity: 'warning' | 'critical';
  readonly finding: string;
}

/** The password of an active token ends within two days, and its rotation is due or is not coming. */
export interface CredentialDeadlineRecord {
  readonly record: 'credentialDeadline';
  readonly registry: string;
  readonly token: string;
  readonly owner: string;
  readonly entrance: string;
  /** When the published password stops working. */
  readonly deadline: Instant;
  /** Until then; less than 0 if it has passed. */
  readonly hoursLeft: number;
}

/** Milliseconds. */
const near = 48 * hour;

/** What is to be said of a token's deadline; undefined: it is far, or a rotation that is not yet due comes before it. */
export function credentialDeadlineRecord(
  { status, registry, token, owner = '', entrance = '', expiresAt, nextRotation }: InventoryRow,
  now: Instant,
): CredentialDeadlineRecord | undefined {
  if (status !== 'active' || expiresAt === undefined) return undefined;
  if (!endsUncovered({ status, expiresAt, nextRotation }, now, near)) return undefined;
  const left = millisecondsBetween(now, expiresAt);
  const hoursLeft = Math.floor((left / hour) * 10) / 10;
  return { record: 'credentialDeadline', registry, token, owner, entrance, deadline: expiresAt, hoursLeft };
}

/** Whether the password of an active token ends within so many milliseconds, or has ended, and no rotation comes before. */
export function endsUncovered(
  { status, expiresAt, nextRotation }: Pick<InventoryRow, 'status'> & Ends,
  now: Instant,
  within: number,
): boolean {
  if (status !== 'active' || expiresAt === undefined) return false;
  return millisecondsBetween(now, expiresAt) < within && !comesBefore(nextRotation, expiresAt, now);
}

interface Ends {
  readonly expiresAt?: Instant | undefined;
  readonly nextRotation?: Instant | undefined;
}

function comesBefore(rotation: Instant | undefined, deadline: Instant, now: Instant): boolean {
  if (rotation === undefined) return false;
  return millisecondsBetween(now, rotation) > 0 && millisecondsBetween(rotation, deadline) > 0;
}
