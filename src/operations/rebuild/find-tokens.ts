import type { Configuration } from '../../configuration/configuration.ts';
import { derivedSecretName, tokenKey } from '../../contracts/names.ts';
import type { VaultSecret } from '../../lifecycle/facts.ts';
import type { Tags } from '../../lifecycle/secret-tags.ts';
import type { TokenIdentity } from '../../lifecycle/state.ts';
import type { SecretStore } from '../../ports/secret-store.ts';
import type { NamedToken, ScopeMap, TokenRegistry } from '../../ports/token-registry.ts';
import { forEach } from '../patiently.ts';
import type { FoundToken } from './restored-state.ts';

export interface WorldPorts {
  readonly configuration: Configuration;
  readonly registries: ReadonlyMap<string, Pick<TokenRegistry, 'listTokens' | 'listScopeMaps'>>;
  readonly vaults: ReadonlyMap<
    string,
    Pick<SecretStore, 'readSecret' | 'listSecrets' | 'listDeletedSecrets'>
  >;
}

/** Where a secret is, and for which token its tags or its name say that it is. */
interface Claim {
  readonly vault: string;
  readonly secretName: string;
}

const atATime = 8;

/**
 * Every token of some registries that the registry has or that a secret of any configured vault claims, with all that
 * there is to see of it; by registry and name. Nothing is known of a token before every list was read to its end.
 *
 * @throws ServiceFailure
 */
export async function findTokens(registries: readonly string[], ports: WorldPorts): Promise<FoundToken[]> {
  const claims = await readClaims(ports);
  const found: FoundToken[] = [];
  for (const name of [...registries].sort()) found.push(...(await tokensOf(name, claims, ports)));
  return found;
}

async function tokensOf(
  registry: string,
  claims: ReadonlyMap<string, readonly Claim[]>,
  ports: WorldPorts,
): Promise<FoundToken[]> {
  const port = ports.registries.get(registry);
  const settings = ports.configuration.registries.get(registry);
  if (!port || !settings) throw new Error(`The registry ${registry} is not configured.`);
  const { loginServer } = settings;
  const maps = new Map<string, ScopeMap>();
  for await (const map of port.listScopeMaps()) maps.set(map.name.toLowerCase(), map);
  const tokens = new Map<string, NamedToken>();
  for await (const token of port.listTokens()) tokens.set(token.name.toLowerCase(), token);
  const claimed = [...claims.keys()].flatMap((key) => claimedName(key, registry, loginServer) ?? []);
  const names = [...new Set([...tokens.keys(), ...claimed])].sort();
  return forEach(names, atATime, async (name) => {
    const token = tokens.get(name);
    const identity = { registry, loginServer, token: token?.name ?? name };
    return {
      identity,
      token: token ?? null,
      scopeMap: (token && maps.get(token.scopeMap.toLowerCase())) ?? null,
      secrets: await readSecrets(claimsOf(identity, claims), ports),
    };
  });
}

async function readSecrets(claims: readonly Claim[], { vaults }: WorldPorts): Promise<VaultSecret[]> {
  const secrets: VaultSecret[] = [];
  for (const { vault, secretName } of claims) {
    const secret = await vaults.get(vault)?.readSecret(secretName);
    if (secret) secrets.push(secret);
  }
  return secrets;
}

/** What every secret of every vault says, by what a token is found by: login server or registry, or the derived name. */
async function readClaims({ vaults }: WorldPorts): Promise<Map<string, Claim[]>> {
  const claims = new Map<string, Claim[]>();
  for (const [vault, store] of vaults)
    for (const list of [store.listSecrets(), store.listDeletedSecrets()])
      for await (const { secretName, tags } of list)
        for (const key of keysOf(secretName, tags))
          claims.set(key, [...(claims.get(key) ?? []), { vault, secretName }]);
  return claims;
}

function keysOf(secretName: string, { registry, loginServer, token }: Tags): string[] {
  const byTags =
    token === undefined ? [] : [registry, loginServer].flatMap((host) => (host ? tokenKey(host, token) : []));
  return [...new Set([...byTags, `name ${secretName.toLowerCase()}`])];
}

function claimedName(key: string, registry: string, loginServer: string): string | undefined {
  const host = [registry, loginServer].find((each) => key.startsWith(tokenKey(each, '')));
  return host === undefined ? undefined : key.slice(tokenKey(host, '').length);
}

function claimsOf(
  { registry, loginServer, token }: TokenIdentity,
  claims: ReadonlyMap<string, readonly Claim[]>,
): Claim[] {
  const keys = [
    tokenKey(loginServer, token),
    tokenKey(registry, token),
    `name ${derivedSecretName(registry, token)}`,
  ];
  const found = keys.flatMap((key) => claims.get(key) ?? []);
  return found.filter(
    (claim, index) =>
      found.findIndex(({ vault, secretName }) => vault === claim.vault && secretName === claim.secretName) ===
      index,
  );
}
