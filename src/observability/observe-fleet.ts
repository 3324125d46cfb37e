import type { Instant } from '../contracts/instants.ts';
import type { Inventory } from '../ports/inventory.ts';
import { FleetCount, type FleetRecord } from './fleet-record.ts';
import { type CredentialDeadlineRecord, credentialDeadlineRecord } from './watched-records.ts';

const pageSize = 1_000;

/** So many tokens are named at most; how many there are is counted all the same. */
const mostNamed = 200;

/**
 * Looks at the tokens of some registries page by page: names those whose password is about to end, then tells the
 * counts of the whole fleet.
 *
 * @throws ServiceFailure
 */
export async function* observeFleet(
  registries: Iterable<string>,
  inventory: Pick<Inventory, 'listRows'>,
  now: Instant,
): AsyncGenerator<CredentialDeadlineRecord | FleetRecord> {
  const count = new FleetCount(now);
  let named = 0;
  for await (const row of rowsOf(registries, inventory)) {
    const near = credentialDeadlineRecord(row, now);
    count.add(row, near !== undefined);
    if (near === undefined || named === mostNamed) continue;
    named += 1;
    yield near;
  }
  yield* count.records();
}

async function* rowsOf(registries: Iterable<string>, inventory: Pick<Inventory, 'listRows'>) {
  for (const registry of registries) {
    let continuation: string | undefined;
    do {
      const page = await inventory.listRows({ registry, brief: true }, { pageSize, continuation });
      yield* page.items;
      continuation = page.continuation;
    } while (continuation !== undefined);
  }
}
