import type { Registry } from '../configuration/configuration.ts';
import type { OpenFinding } from '../ports/findings.ts';
import type { Look } from './check-registry.ts';
import type { UnknownToken } from './find-deviations.ts';
import type { ListedScopeMaps } from './listed-scope-maps.ts';
import {
  isLeftAlone,
  type JudgedToken,
  judgeUnmanaged,
  raiseUnmanaged,
  resolveUnmanaged,
} from './unmanaged-token.ts';
import type { WatchPorts } from './watch-ports.ts';

/** Tokens that are told at the same time. */
const atATime = 8;

/**
 * Tells of the tokens of a registry that nobody manages, and no longer of those that are gone, managed or ignored now.
 * What is known is only read. How many there are.
 *
 * @throws ServiceFailure
 */
export async function watchUnmanaged(
  registry: Registry,
  unknown: readonly UnknownToken[],
  scopeMaps: ListedScopeMaps,
  look: Look,
  onGroup: () => Promise<void>,
  ports: WatchPorts,
): Promise<number> {
  const known = await knownUnmanaged(registry.name, ports);
  const unmanaged = unknown.filter(
    ({ token, scopeMap }) => !isLeftAlone(token, scopeMaps.granted(scopeMap), registry),
  );
  const news = unmanaged.filter(({ token, scopeMap }) => {
    const key = token.toLowerCase();
    const earlier = known.get(key);
    known.delete(key);
    return !earlier || !isSame(earlier, judgeUnmanaged(scopeMap, scopeMaps.granted(scopeMap)));
  });
  let managed = 0;
  for (const group of inGroups(news)) {
    const raised = await Promise.all(
      group.map((each) => raiseUnlessManaged(registry, each, scopeMaps, look, ports)),
    );
    managed += raised.filter((isRaised) => !isRaised).length;
    await onGroup();
  }
  for (const group of inGroups([...known.values()])) {
    await Promise.all(group.map(({ token = '' }) => resolveUnmanaged(registry.name, token, look.now, ports)));
    await onGroup();
  }
  return unmanaged.length - managed;
}

async function knownUnmanaged(
  registry: string,
  { registryFindings }: Pick<WatchPorts, 'registryFindings'>,
): Promise<Map<string, OpenFinding>> {
  const known = new Map<string, OpenFinding>();
  for await (const { open, gone } of registryFindings.listKept(registry, 'all'))
    if (!gone && open.drift.finding === 'unmanagedToken') known.set((open.token ?? '').toLowerCase(), open);
  return known;
}

/** The inventory may not have it yet. */
async function raiseUnlessManaged(
  registry: Registry,
  { token, scopeMap }: UnknownToken,
  scopeMaps: ListedScopeMaps,
  look: Look,
  ports: WatchPorts,
): Promise<boolean> {
  if (await isManaged(registry, token, ports)) return false;
  await raiseUnmanaged(registry, token, judgeUnmanaged(scopeMap, scopeMaps.granted(scopeMap)), look, ports);
  return true;
}

/** Whether a token's record says that it is Keyturn's, or is about to be. @throws ServiceFailure */
export async function isManaged(
  { name, loginServer }: Pick<Registry, 'name' | 'loginServer'>,
  token: string,
  { records }: Pick<WatchPorts, 'records'>,
): Promise<boolean> {
  const state = (await records.readState({ registry: name, loginServer, token }))?.state;
  if (!state) return false;
  if (state.status === 'none' || state.status === 'deleted') return state.settled < state.plan;
  return true;
}

function isSame({ severity, drift }: OpenFinding, judged: JudgedToken): boolean {
  return (
    JSON.stringify([severity, drift.differences]) === JSON.stringify([judged.severity, judged.differences])
  );
}

function* inGroups<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let start = 0; start < items.length; start += atATime) yield items.slice(start, start + atATime);
}
