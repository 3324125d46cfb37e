import type { TokenFinding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import { slots } from '../lifecycle/credential.ts';
import type { Believed } from '../lifecycle/drift/believed.ts';
import type { Inventory, InventoryRow } from '../ports/inventory.ts';

/** What the inventory has of a managed token. */
export interface KnownToken {
  readonly token: string;
  /** Missing while there is nothing to compare. */
  readonly believed?: Believed | undefined;
  readonly findings: readonly TokenFinding[];
}

/**
 * All managed tokens of a registry by their names, as texts: about half a kilobyte for each. They are read before the
 * registry is, so that what Keyturn does meanwhile makes the registry newer than them, never the other way round; the
 * record then tells.
 */
export class KnownTokens {
  readonly #texts = new Map<string, string>();
  #newestWrite: Instant | undefined;

  /** @param before what Keyturn wrote after then does not count as its newest write */
  static async read(
    registry: string,
    inventory: Pick<Inventory, 'listAll'>,
    before: Instant,
    onRow: () => Promise<void>,
  ): Promise<KnownTokens> {
    const known = new KnownTokens();
    for await (const row of inventory.listAll(registry)) {
      known.#add(row, before);
      await onRow();
    }
    return known;
  }

  /** When Keyturn made a password last, as far as it counts. */
  get newestWrite(): Instant | undefined {
    return this.#newestWrite;
  }

  /** Takes a token out; nothing if it is not managed, or was taken out before. */
  take(name: string): KnownToken | undefined {
    const key = name.toLowerCase();
    const text = this.#texts.get(key);
    this.#texts.delete(key);
    return text === undefined ? undefined : (JSON.parse(text) as KnownToken);
  }

  /** Those that were not taken out. */
  *rest(): Generator<KnownToken> {
    for (const text of this.#texts.values()) yield JSON.parse(text) as KnownToken;
  }

  #add({ token, status, believed, findings = [] }: InventoryRow, before: Instant): void {
    if (status === 'none' || status === 'deleted') return;
    this.#texts.set(token.toLowerCase(), JSON.stringify({ token, believed, findings } satisfies KnownToken));
    for (const slot of slots) {
      const createdAt = believed?.passwords[slot]?.createdAt;
      if (createdAt === undefined || createdAt > before) continue;
      if (this.#newestWrite === undefined || createdAt > this.#newestWrite) this.#newestWrite = createdAt;
    }
  }
}
