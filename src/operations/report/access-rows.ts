import type { Configuration } from '../../configuration/configuration.ts';
import { scopeMapActions } from '../../contracts/access.ts';
import type { Instant } from '../../contracts/instants.ts';
import type { HistoryEntry } from '../../lifecycle/settlement.ts';
import { type Access, managedPart, type Status, type TokenIdentity } from '../../lifecycle/state.ts';
import type { Inventory } from '../../ports/inventory.ts';
import { isFailure } from '../../ports/service-failure.ts';
import type { TokenRecords } from '../../ports/token-records.ts';
import type { TokenRegistry } from '../../ports/token-registry.ts';
import { forEach } from '../patiently.ts';
import { standingAsOf } from './standing-as-of.ts';

/** What an access review asks of one token. */
export interface AccessRow {
  readonly registry: string;
  readonly token: string;
  readonly status: Status | 'unknown';
  readonly entrance: string;
  readonly owner: string;
  readonly scopeMap: string;
  /** As Azure writes them; missing if the registry could not be asked. */
  readonly actions: readonly string[] | undefined;
  readonly created: Instant | undefined;
  readonly createdNoLaterThan: Instant | undefined;
  readonly lastRotated: Instant | undefined;
  readonly endOfLife: Instant | undefined;
  readonly purpose: string | undefined;
  readonly changedSince: Instant | undefined;
}

export interface AccessQuestion {
  readonly registries: readonly string[];
  readonly owner: string | undefined;
  readonly entrance: string | undefined;
  /** Missing: now. */
  readonly asOf: Instant | undefined;
}

export interface AccessPorts {
  readonly configuration: Configuration;
  readonly inventory: Pick<Inventory, 'listRows'>;
  readonly records: Pick<TokenRecords, 'readState' | 'readHistory'>;
  readonly registries: ReadonlyMap<string, Pick<TokenRegistry, 'listScopeMaps'>>;
}

const atATime = 8;
const pageSize = 1_000;

/**
 * Every token that there was at a moment, by registry and name.
 *
 * @throws ServiceFailure if records or inventory cannot be read
 */
export async function accessRows(question: AccessQuestion, ports: AccessPorts): Promise<AccessRow[]> {
  const rows: AccessRow[] = [];
  for (const registry of [...question.registries].sort()) {
    const shared = await sharedActions(registry, ports);
    const tokens = await listTokens(registry, ports);
    const found = await forEach(tokens, atATime, (identity) => rowOf(identity, shared, question, ports));
    rows.push(...found.flatMap((row) => row ?? []));
  }
  return rows;
}

type SharedActions = ReadonlyMap<string, readonly string[]> | undefined;

/** What each scope map grants now; nothing if the registry cannot be asked. */
async function sharedActions(registry: string, { registries }: AccessPorts): Promise<SharedActions> {
  const actions = new Map<string, readonly string[]>();
  try {
    for await (const map of registries.get(registry)?.listScopeMaps() ?? [])
      actions.set(map.name.toLowerCase(), map.actions);
    return actions;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

async function listTokens(
  registry: string,
  { inventory, configuration }: AccessPorts,
): Promise<TokenIdentity[]> {
  const loginServer = configuration.registries.get(registry)?.loginServer ?? '';
  const found: TokenIdentity[] = [];
  let continuation: string | undefined;
  do {
    const page = await inventory.listRows({ registry }, { pageSize, continuation });
    for (const { token } of page.items) found.push({ registry, loginServer, token });
    continuation = page.continuation;
  } while (continuation !== undefined);
  return found.sort((one, other) => (one.token.toLowerCase() < other.token.toLowerCase() ? -1 : 1));
}

async function rowOf(
  identity: TokenIdentity,
  shared: SharedActions,
  { owner, entrance, asOf }: AccessQuestion,
  { records }: AccessPorts,
): Promise<AccessRow | undefined> {
  const state = (await records.readState(identity))?.state;
  if (!state || state.status === 'none') return undefined;
  const { managed, identity: named } = managedPart(state);
  if (owner !== undefined && managed.owner !== owner) return undefined;
  if (entrance !== undefined && managed.entrance !== entrance) return undefined;
  const standing = standingAsOf(state, await readHistory(identity, records), asOf);
  if (!standing) return undefined;
  const { status, created, lastRotated, changedSince } = standing;
  return {
    registry: identity.registry,
    token: named.token,
    status,
    entrance: managed.entrance,
    owner: managed.owner,
    scopeMap: managed.access.scopeMap,
    actions: actionsOf(managed.access, shared),
    created: created && 'at' in created ? created.at : undefined,
    createdNoLaterThan: created && 'noLaterThan' in created ? created.noLaterThan : undefined,
    lastRotated,
    endOfLife: managed.endOfLife,
    purpose: managed.purpose,
    changedSince,
  };
}

async function readHistory(
  identity: TokenIdentity,
  records: AccessPorts['records'],
): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  let continuation: string | undefined;
  do {
    const page = await records.readHistory(identity, { pageSize, continuation });
    entries.push(...page.items);
    continuation = page.continuation;
  } while (continuation !== undefined);
  return entries;
}

/** An own map grants what Keyturn wrote; of a shared one, only the registry knows. */
function actionsOf(
  { own, repositories, scopeMap }: Access,
  shared: SharedActions,
): readonly string[] | undefined {
  if (own && repositories) return scopeMapActions(repositories);
  return shared && [...(shared.get(scopeMap.toLowerCase()) ?? [])].sort();
}
