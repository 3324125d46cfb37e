import type {
  RegistryFindingKey,
  RegistryFindingRow,
  RegistryFindings,
  StoredRegistryFinding,
} from '../../../src/ports/registry-findings.ts';

/** What is wrong with registries, in memory. */
export class MemoryRegistryFindings implements RegistryFindings {
  readonly rows = new Map<string, StoredRegistryFinding>();
  #etags = 0;

  async readFinding(key: RegistryFindingKey): Promise<StoredRegistryFinding | undefined> {
    return this.rows.get(keyOf(key));
  }

  async writeFinding(
    row: RegistryFindingRow,
    earlier: StoredRegistryFinding | undefined,
  ): Promise<StoredRegistryFinding | undefined> {
    const key = rowKeyOf(row);
    if (this.rows.get(key)?.etag !== earlier?.etag) return undefined;
    this.#etags += 1;
    const stored = { ...row, etag: String(this.#etags) };
    this.rows.set(key, stored);
    return stored;
  }

  async removeFinding(stored: StoredRegistryFinding): Promise<void> {
    const key = rowKeyOf(stored);
    if (this.rows.get(key)?.etag === stored.etag) this.rows.delete(key);
  }

  async *listKept(_registry: string, which: 'all' | 'untold'): AsyncGenerator<StoredRegistryFinding> {
    for (const row of [...this.rows.values()]) if (which === 'all' || row.untold) yield row;
  }

  /** Those that are open, such as `unmanagedToken stray`. */
  open(): string[] {
    return [...this.rows.values()]
      .filter(({ gone }) => !gone)
      .map(({ open }) => [open.drift.finding, ...(open.token === undefined ? [] : [open.token])].join(' '))
      .sort();
  }
}

function rowKeyOf({ open }: RegistryFindingRow): string {
  return keyOf({ ...open, finding: open.drift.finding as RegistryFindingKey['finding'] });
}

function keyOf({ registry, token, finding }: RegistryFindingKey): string {
  return `${registry}/${token ?? ''}~${finding}`.toLowerCase();
}
