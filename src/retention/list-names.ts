import type { InventoryFilter, InventoryRow } from '../ports/inventory.ts';
import type { RetentionPorts } from './retention-ports.ts';

const pageSize = 1_000;

/** The rows of all registries, page by page as they are read. @throws ServiceFailure */
export async function* listNames(
  filter: Pick<InventoryFilter, 'status'>,
  { configuration, inventory }: Pick<RetentionPorts, 'configuration' | 'inventory'>,
): AsyncGenerator<InventoryRow> {
  for (const registry of configuration.registries.keys()) {
    let continuation: string | undefined;
    do {
      const page = await inventory.listRows({ registry, ...filter }, { pageSize, continuation });
      yield* page.items;
      continuation = page.continuation;
    } while (continuation !== undefined);
  }
}
