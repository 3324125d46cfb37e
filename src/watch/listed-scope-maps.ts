import type { Configuration } from '../configuration/configuration.ts';
import { isNamedAfter } from '../contracts/names.ts';
import { type EffectiveAccess, outOfPolicy } from '../judging/out-of-policy.ts';
import { digestOfActions } from '../lifecycle/drift/believed.ts';
import type { ScopeMap } from '../ports/token-registry.ts';
import { type GrantedByMap, grantedBy } from './unmanaged-token.ts';

interface ListedMap extends GrantedByMap {
  readonly digest: string;
}

/** All scope maps of a registry by their names. Of those that grant the same the actions are kept once. */
export class ListedScopeMaps {
  readonly #maps = new Map<string, ListedMap>();
  readonly #actions = new Map<string, readonly string[]>();
  /** What the policies say of shared maps, which many tokens may be bound to. */
  readonly #verdicts = new Map<string, string | undefined>();

  add(scopeMap: ScopeMap): void {
    const digest = digestOfActions(scopeMap.actions);
    if (!this.#actions.has(digest)) this.#actions.set(digest, [...scopeMap.actions]);
    this.#maps.set(scopeMap.name.toLowerCase(), { ...grantedBy(scopeMap), digest });
  }

  /** Null: there is no such map. */
  actionsOf(scopeMap: string): readonly string[] | null {
    const map = this.#maps.get(scopeMap.toLowerCase());
    return (map && this.#actions.get(map.digest)) ?? null;
  }

  granted(scopeMap: string): GrantedByMap | undefined {
    return this.#maps.get(scopeMap.toLowerCase());
  }

  /** What the policy of an entrance does not allow of a map; undefined: nothing, or there is no such entrance or map. */
  outOfPolicy(
    { token, scopeMap, own }: Omit<EffectiveAccess, 'actions'>,
    entrance: string,
    { entrances }: Pick<Configuration, 'entrances'>,
  ): string | undefined {
    const policy = entrances.get(entrance)?.policy;
    const actions = this.actionsOf(scopeMap);
    if (!policy || !actions) return undefined;
    const access = { token, scopeMap, own, actions };
    if (own || isNamedAfter(scopeMap, token)) return outOfPolicy(access, policy);
    const key = `${entrance}/${scopeMap}`.toLowerCase();
    if (!this.#verdicts.has(key)) this.#verdicts.set(key, outOfPolicy(access, policy));
    return this.#verdicts.get(key);
  }
}
