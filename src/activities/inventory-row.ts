import type { Instant } from '../contracts/instants.ts';
import { publishedData } from '../lifecycle/announce.ts';
import type { PendingCommand } from '../lifecycle/command-order.ts';
import { earliest } from '../lifecycle/instant-arithmetic.ts';
import type { TokenState } from '../lifecycle/state.ts';
import type { Inventory, InventoryRow, StoredRow } from '../ports/inventory.ts';

/** What lists show of a token, by its record. */
export function inventoryRow(
  state: TokenState,
  pendingSince: Instant | undefined,
  now: Instant,
): InventoryRow {
  const { identity, status, settled, lookAt } = state;
  return {
    registry: identity.registry,
    token: identity.token,
    status,
    plan: settled,
    ...managedColumns(state, now),
    ...(lookAt === undefined ? {} : { lookAt }),
    ...(pendingSince === undefined ? {} : { pendingSince }),
  };
}

function managedColumns(state: TokenState, now: Instant): Partial<InventoryRow> {
  if (state.status === 'none') return {};
  const { entrance, owner } = state.managed;
  const data = publishedData(state, now);
  if (!data) return { entrance, owner };
  const { slot, generation, expiresAt, nextRotation, secretUri } = data;
  const rotation = state.status === 'active' && nextRotation !== undefined ? { nextRotation } : {};
  return { entrance, owner, slot, generation, expiresAt, secretUri, ...rotation };
}

/** Since when the longest waiting command waits; nothing if none does. */
export function pendingSince(pending: readonly PendingCommand[]): Instant | undefined {
  return earliest(...pending.map(({ enqueuedAt }) => enqueuedAt));
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
