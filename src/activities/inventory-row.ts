import type { WeeklyWindow } from '../calendar/weekly-window.ts';
import { beginsManagement } from '../contracts/commands.ts';
import type { Instant } from '../contracts/instants.ts';
import { publishedData } from '../lifecycle/announce.ts';
import type { PendingCommand } from '../lifecycle/command-order.ts';
import { believedOf } from '../lifecycle/drift/believed.ts';
import { openFindings } from '../lifecycle/drift/open-finding.ts';
import { earliest } from '../lifecycle/instant-arithmetic.ts';
import { expectedRotation, type RotationTiming } from '../lifecycle/rotation-times.ts';
import type { ManagedState, TokenState } from '../lifecycle/state.ts';
import { remedyOf } from '../lifecycle/step-failures.ts';
import type { Inventory, InventoryRow, StoredRow } from '../ports/inventory.ts';
import { findingsDigest } from './list-findings.ts';

/** Which commands wait for their token. */
export type Waiting = Pick<InventoryRow, 'pendingSince' | 'requestedBy' | 'requestedAt'>;

/**
 * What lists show of a token, by its record.
 *
 * @param windows of its policy, in which it rotates
 */
export function inventoryRow(
  state: TokenState,
  waiting: Waiting | undefined,
  now: Instant,
  windows: readonly WeeklyWindow[] = [],
): InventoryRow {
  const { identity, status, settled, lookAt } = state;
  return {
    registry: identity.registry,
    token: identity.token,
    status,
    plan: settled,
    ...managedColumns(state, { windows, now }),
    ...troubleColumns(state),
    ...(lookAt === undefined ? {} : { lookAt }),
    ...waiting,
  };
}

function managedColumns(state: TokenState, timing: RotationTiming): Partial<InventoryRow> {
  if (state.status === 'none') return {};
  const { entrance, owner } = state.managed;
  return { entrance, owner, ...publishedColumns(state, timing), ...comparedColumns(state) };
}

function publishedColumns(state: ManagedState, timing: RotationTiming): Partial<InventoryRow> {
  const data = publishedData(state, timing.now);
  if (!data) return {};
  const { slot, generation, expiresAt, secretUri } = data;
  const nextRotation = state.status === 'active' ? expectedRotation(state, timing) : undefined;
  const rotation = nextRotation === undefined ? {} : { nextRotation };
  return { slot, generation, expiresAt, secretUri, ...rotation };
}

/** What came between is no failure, and is over soon. */
function troubleColumns({ failures, parked }: TokenState): Pick<InventoryRow, 'failing' | 'parked'> {
  const failing = Object.values(failures).some(({ code }) => remedyOf(code).remedy !== 'again');
  return { ...(failing ? { failing } : {}), ...(parked ? { parked: true } : {}) };
}

/** What the registry is compared with, without reading the record. */
function comparedColumns(state: ManagedState): Partial<InventoryRow> {
  const believed = believedOf(state);
  const findings = openFindings(state.findings).map(([finding]) => finding);
  const digest = findingsDigest(state);
  return {
    ...(believed ? { believed } : {}),
    ...(findings.length > 0 ? { findings } : {}),
    ...(digest === undefined ? {} : { findingsDigest: digest }),
  };
}

/** Since when the longest waiting command waits, and the request among them as the row has it; nothing if none does. */
export function waitingCommands(
  pending: readonly PendingCommand[],
  earlier: InventoryRow | undefined,
): Waiting {
  const pendingSince = earliest(...pending.map(({ enqueuedAt }) => enqueuedAt));
  const requested = pending.some(({ command }) => beginsManagement(command.type));
  return {
    ...(pendingSince === undefined ? {} : { pendingSince }),
    ...(requested && earlier ? requestOf(earlier) : {}),
  };
}

/** What a row says of the commands that wait. */
export function waitingOf(row: InventoryRow): Waiting {
  const { pendingSince } = row;
  return { ...(pendingSince === undefined ? {} : { pendingSince }), ...requestOf(row) };
}

function requestOf({ requestedBy, requestedAt }: InventoryRow): Waiting {
  return requestedBy === undefined || requestedAt === undefined ? {} : { requestedBy, requestedAt };
}

/**
 * Writes a row that says something new. False: it was changed since it was read.
 *
 * @throws ServiceFailure
 */
export async function refreshRow(
  inventory: Inventory,
  row: InventoryRow,
  earlier: StoredRow | undefined,
): Promise<boolean> {
  if (earlier && sameRow(earlier.row, row)) return true;
  return inventory.writeRow(row, earlier);
}

function sameRow(one: InventoryRow, other: InventoryRow): boolean {
  const sorted = (row: InventoryRow) =>
    JSON.stringify(Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1)));
  return sorted(one) === sorted(other);
}
