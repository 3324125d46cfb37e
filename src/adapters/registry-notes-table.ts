import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../ports/clock.ts';
import type { NoteKind, RegistryNotes, StoredNote } from '../ports/registry-notes.ts';
import { ConditionalRows } from './conditional-rows.ts';
import { joinText, splitText } from './large-text.ts';
import { recordsCaller } from './record-tables.ts';

/** Notes in the table of findings, in a partition beside the findings of their registry. */
export class RegistryNotesTable implements RegistryNotes {
  readonly #rows: ConditionalRows;

  constructor(table: TableClient, clock: Clock) {
    this.#rows = new ConditionalRows(table, recordsCaller(clock));
  }

  async readNote(registry: string, kind: NoteKind): Promise<StoredNote | undefined> {
    const row = await this.#rows.read('readNote', partitionOf(registry), kind);
    return row && { value: JSON.parse(joinText(row)), etag: row.etag };
  }

  async writeNote(
    registry: string,
    kind: NoteKind,
    value: unknown,
    earlier: StoredNote | undefined,
  ): Promise<StoredNote | undefined> {
    const entity = {
      partitionKey: partitionOf(registry),
      rowKey: kind,
      ...splitText(JSON.stringify(value)),
    };
    const etag = await this.#rows.write('writeNote', entity, earlier);
    return etag === undefined ? undefined : { value, etag };
  }
}

/** No registry's name holds a `~`. */
function partitionOf(registry: string): string {
  return `${registry.toLowerCase()}~notes`;
}
