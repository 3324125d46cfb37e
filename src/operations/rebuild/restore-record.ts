import { inventoryRow, waitingOf } from '../../activities/inventory-row.ts';
import type { Instant } from '../../contracts/instants.ts';
import type { HistoryEntry } from '../../lifecycle/settlement.ts';
import type { ManagedState, Status, TokenIdentity } from '../../lifecycle/state.ts';
import type { Inventory } from '../../ports/inventory.ts';
import { ServiceFailure } from '../../ports/service-failure.ts';
import type { TokenRecords } from '../../ports/token-records.ts';

export interface RecordPorts {
  readonly records: Pick<TokenRecords, 'readState' | 'closePlan'>;
  readonly inventory: Pick<Inventory, 'readRow' | 'writeRow'>;
}

const mostTries = 3;

/** The status that a token's record has now; nothing if there is no record. @throws ServiceFailure */
export async function statusOnRecord(
  identity: TokenIdentity,
  { records }: RecordPorts,
): Promise<Status | undefined> {
  return (await records.readState(identity))?.state.status;
}

/**
 * Writes the record of a token if there is none, with a line in its history, and then its row of the inventory. False:
 * somebody else has written a record meanwhile, which stays as it is.
 *
 * @throws ServiceFailure
 */
export async function restoreRecord(state: ManagedState, now: Instant, ports: RecordPorts): Promise<boolean> {
  const { plan, incarnation, generation, status } = state;
  const recovered = { work: 'recover', result: 'done', incarnation, generation, status } as const;
  const entry: HistoryEntry = { at: now, plan, ...recovered };
  const settlement = { state, events: [], outcomes: [], history: [entry] };
  const written = await ports.records.closePlan(settlement, { pending: [] });
  await restoreRow(state.identity, now, ports);
  return written !== undefined;
}

/**
 * Writes a token's row of the inventory, if there is none or it only says that a command waits, from its record as it is
 * now. The row promises that the token is looked after now: so reconcile starts its lifecycle, or wakes it, when it runs
 * ten minutes from now. False: there was nothing to write.
 *
 * @throws ServiceFailure
 */
export async function restoreRow(
  { registry, token, loginServer }: TokenIdentity,
  now: Instant,
  { records, inventory }: RecordPorts,
): Promise<boolean> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = await inventory.readRow(registry, token);
    if (found && found.row.status !== 'none') return false;
    const stored = await records.readState({ registry, token, loginServer });
    if (!stored) return false;
    const row = { ...inventoryRow(stored.state, found && waitingOf(found.row), now), lookAt: now };
    if (await inventory.writeRow(row, found)) return true;
  }
  throw new ServiceFailure({ service: 'records', operation: 'writeRow', code: 'conflict' });
}
