import { odata, type TableClient } from '@azure/data-tables';
import type { KeyturnEvent } from '../contracts/events.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  RegistryFindingKey,
  RegistryFindingRow,
  RegistryFindings,
  StoredRegistryFinding,
} from '../ports/registry-findings.ts';
import type { Caller } from './call.ts';
import { ConditionalRows } from './conditional-rows.ts';
import {
  type FindingState,
  findingEntity,
  findingPartition,
  findingRowKey,
  openFindingOf,
} from './finding-rows.ts';
import type { Row } from './record-rows.ts';
import { recordsCaller } from './record-tables.ts';
import { listRows } from './table-pages.ts';

/** What is wrong with registries, in the table of all findings. */
export class RegistryFindingsTable implements RegistryFindings {
  readonly #table: TableClient;
  readonly #caller: Caller;
  readonly #rows: ConditionalRows;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
    this.#rows = new ConditionalRows(table, this.#caller);
  }

  async readFinding({
    registry,
    finding,
    token,
  }: RegistryFindingKey): Promise<StoredRegistryFinding | undefined> {
    const rowKey = findingRowKey(token, finding);
    const row = await this.#rows.read('readFinding', findingPartition(registry), rowKey);
    return row && storedOf(row);
  }

  async writeFinding(
    row: RegistryFindingRow,
    earlier: StoredRegistryFinding | undefined,
  ): Promise<StoredRegistryFinding | undefined> {
    const { open, gone, untold } = row;
    const state: FindingState = gone ? 'gone' : 'open';
    const entity = {
      ...findingEntity(open, state),
      untold: untold !== undefined,
      ...(untold ? { event: JSON.stringify(untold) } : {}),
    };
    const etag = await this.#rows.write('writeFinding', entity, earlier);
    return etag === undefined ? undefined : { ...row, etag };
  }

  removeFinding({ open, etag }: StoredRegistryFinding): Promise<void> {
    const rowKey = findingRowKey(open.token, open.drift.finding);
    return this.#rows.remove('removeFinding', findingPartition(open.registry), rowKey, etag);
  }

  async *listKept(registry: string, which: 'all' | 'untold'): AsyncGenerator<StoredRegistryFinding> {
    const ofRegistry = odata`PartitionKey eq ${findingPartition(registry)} and ofManagedToken eq false`;
    const filter = which === 'untold' ? `${ofRegistry} and untold eq true` : ofRegistry;
    for await (const row of listRows(this.#table, this.#caller, 'listKept', filter)) yield storedOf(row);
  }
}

function storedOf(row: Row): StoredRegistryFinding {
  const { state, event, etag } = row;
  return {
    open: openFindingOf(row),
    gone: state === ('gone' satisfies FindingState),
    ...(typeof event === 'string' ? { untold: JSON.parse(event) as KeyturnEvent } : {}),
    etag: String(etag),
  };
}
