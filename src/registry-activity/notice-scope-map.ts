import type { Registry } from '../configuration/configuration.ts';
import type { TokenFinding } from '../contracts/findings.ts';
import { ownScopeMapName, sameName } from '../contracts/names.ts';
import type { Believed } from '../lifecycle/drift/believed.ts';
import type { InventoryRow } from '../ports/inventory.ts';
import { type Look, registryPort } from '../watch/check-registry.ts';
import { ListedScopeMaps } from '../watch/listed-scope-maps.ts';
import { deviates, noticeDeviation, type Sight } from '../watch/notice-deviation.ts';
import type { WatchPorts } from '../watch/watch-ports.ts';

/** What the content of a scope map tells of the tokens that are bound to it. */
const toldByScopeMap: ReadonlySet<TokenFinding> = new Set(['scopeMapContentChanged', 'outOfPolicy']);

/**
 * A scope map was written or deleted: has those of its tokens looked at to which that matters. It is read once, however
 * many there are.
 *
 * @throws ServiceFailure
 */
export async function noticeScopeMap(
  registry: Registry,
  name: string,
  { reports, now }: Look,
  ports: WatchPorts,
): Promise<void> {
  const map = await registryPort(registry.name, ports).readScopeMap(name);
  const maps = new ListedScopeMaps();
  if (map) maps.add(map);
  const observation = { noticedBy: 'report' as const, at: now, reports: [...reports] };
  for await (const { token, believed, findings = [] } of boundTo(name, registry, ports)) {
    if (!believed) continue;
    const sight = sightOf(token, believed, maps, ports);
    if (!deviates(believed, findings, sight, now)) continue;
    const identity = { registry: registry.name, loginServer: registry.loginServer, token };
    await noticeDeviation(identity, sight, observation, ports);
  }
}

/** The token that an own scope map is named after is found by its name; else the whole inventory is gone through. */
async function* boundTo(
  scopeMap: string,
  { name: registry }: Registry,
  { inventory }: WatchPorts,
): AsyncGenerator<InventoryRow> {
  const owner = ownerByName(scopeMap);
  const own = owner === undefined ? undefined : (await inventory.readRow(registry, owner))?.row;
  if (own?.believed?.grants !== undefined && sameName(own.believed.scopeMap, scopeMap)) {
    yield own;
    return;
  }
  for await (const row of inventory.listAll(registry))
    if (row.believed && sameName(row.believed.scopeMap, scopeMap)) yield row;
}

/** Undefined: no token has an own scope map of that name; or its name was too long to be in it. */
function ownerByName(scopeMap: string): string | undefined {
  const owner = /^(.+)-scope-map$/i.exec(scopeMap)?.[1];
  return owner !== undefined && sameName(ownScopeMapName(owner), scopeMap) ? owner : undefined;
}

/** As if nothing else had changed: only what the scope map tells is judged. */
function sightOf(
  token: string,
  { scopeMap, grants, entrance }: Believed,
  maps: ListedScopeMaps,
  { configuration }: WatchPorts,
): Sight {
  const access = { token, scopeMap, own: grants !== undefined };
  return {
    found: {
      token: { enabled: true, scopeMap, passwords: [] },
      actions: maps.actionsOf(scopeMap),
      outOfPolicy: maps.outOfPolicy(access, entrance, configuration),
    },
    judged: toldByScopeMap,
  };
}
