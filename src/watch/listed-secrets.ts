import type { Registry } from '../configuration/configuration.ts';
import { sameName } from '../contracts/names.ts';
import type { Believed } from '../lifecycle/drift/believed.ts';
import type { FoundSecret } from '../lifecycle/drift/compare.ts';
import { readTags, type Tags } from '../lifecycle/secret-tags.ts';
import type { ListedSecret } from '../ports/secret-store.ts';

/** The newest version of each secret in some vaults, as a short text: of those that are not this registry's only the name. */
export class ListedSecrets {
  readonly #registry: Pick<Registry, 'name' | 'loginServer'>;
  readonly #secrets = new Map<string, string>();
  readonly #vaults = new Set<string>();

  constructor(registry: Pick<Registry, 'name' | 'loginServer'>) {
    this.#registry = registry;
  }

  add(vault: string, { secretName, enabled, tags }: ListedSecret): void {
    this.#secrets.set(keyOf(vault, secretName), this.#textOf(enabled, tags));
  }

  /** All secrets of the vault have been added. */
  complete(vault: string): void {
    this.#vaults.add(vault);
  }

  isComplete(vault: string): boolean {
    return this.#vaults.has(vault);
  }

  /** Undefined: its vault was not listed. */
  find(token: string, { vault, secretName }: Believed['secret']): FoundSecret | undefined {
    if (!this.#vaults.has(vault)) return undefined;
    const text = this.#secrets.get(keyOf(vault, secretName));
    if (text === undefined) return { standing: 'absent' };
    const [name = '', incarnation, generation, enabled] = text.split(' ');
    if (!sameName(name, token)) return { standing: 'present' };
    const ours = { incarnation: Number(incarnation), generation: Number(generation) };
    return { standing: 'present', enabled: enabled === 'on', ours };
  }

  #textOf(enabled: boolean, tags: Tags): string {
    const { token = '' } = tags;
    const { name: registry, loginServer } = this.#registry;
    const ours = readTags(tags, { registry, loginServer, token });
    return ours ? [token, ours.incarnation, ours.generation, enabled ? 'on' : 'off'].join(' ') : '';
  }
}

function keyOf(vault: string, secretName: string): string {
  return `${vault}/${secretName.toLowerCase()}`;
}
