import type { Instant } from '../contracts/instants.ts';
import type { Inventory } from '../ports/inventory.ts';
import { FleetCount, type FleetRecord } from './fleet-record.ts';

const pageSize = 1_000;

/**
 * Counts the tokens of some registries, page by page.
 *
 * @throws ServiceFailure
 */
export async function countFleet(
  registries: Iterable<string>,
  inventory: Pick<Inventory, 'listRows'>,
  now: Instant,
): Promise<FleetRecord[]> {
  const count = new FleetCount(now);
  for (const registry of registries) {
    let continuation: string | undefined;
    do {
      const page = await inventory.listRows({ registry }, { pageSize, continuation });
      for (const row of page.items) count.add(row);
      continuation = page.continuation;
    } while (continuation !== undefined);
  }
  return count.records();
}
