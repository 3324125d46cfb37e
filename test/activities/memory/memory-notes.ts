import type { NoteKind, RegistryNotes, StoredNote } from '../../../src/ports/registry-notes.ts';

/** What is written down of registries, in memory. */
export class MemoryNotes implements RegistryNotes {
  readonly notes = new Map<string, StoredNote>();
  #etags = 0;

  async readNote(registry: string, kind: NoteKind): Promise<StoredNote | undefined> {
    return this.notes.get(`${registry} ${kind}`);
  }

  async writeNote(
    registry: string,
    kind: NoteKind,
    value: unknown,
    earlier: StoredNote | undefined,
  ): Promise<StoredNote | undefined> {
    const key = `${registry} ${kind}`;
    if (this.notes.get(key)?.etag !== earlier?.etag) return undefined;
    this.#etags += 1;
    const written = { value: JSON.parse(JSON.stringify(value)), etag: `note-${this.#etags}` };
    this.notes.set(key, written);
    return written;
  }
}
