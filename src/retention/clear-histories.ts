import type { Instant } from '../contracts/instants.ts';
import { tokenKey } from '../contracts/names.ts';
import { day } from '../lifecycle/instant-arithmetic.ts';
import { spread } from '../lifecycle/spread.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import { inGroups } from './in-groups.ts';
import { listNames } from './list-names.ts';
import { cutoff, outlivedHistory } from './outlived.ts';
import type { RetentionPorts } from './retention-ports.ts';

/** Each token's history is looked at once in so many days. */
const daysOfRound = 28;

/**
 * Clears away what was done with tokens longer ago than it is kept. A day's share of all tokens is looked at, by their
 * names, so that a fleet of thousands costs a few hundred reads a day. Nobody else removes rows of a history, and new
 * ones have other keys: so it gets into nobody's way. Answers how many rows are gone.
 *
 * @throws ServiceFailure
 */
export async function clearHistories(now: Instant, most: number, ports: RetentionPorts): Promise<number> {
  const before = cutoff(now, ports.configuration.retention.history);
  let cleared = 0;
  const counts = inGroups(tokensOfTheDay(now, ports), (token) => clearHistory(token, before, ports));
  for await (const group of counts) {
    for (const count of group) cleared += count;
    if (cleared >= most) break;
  }
  return cleared;
}

async function clearHistory(
  token: TokenIdentity,
  before: Instant,
  { retention: { records } }: RetentionPorts,
): Promise<number> {
  const outlived = outlivedHistory(await records.readHistoryRows(token), before);
  await records.removeRows(
    token,
    outlived.map(({ key }) => key),
  );
  return outlived.length;
}

async function* tokensOfTheDay(now: Instant, ports: RetentionPorts): AsyncGenerator<TokenIdentity> {
  for await (const { registry, token } of listNames({}, ports)) {
    const identity = identityOf(registry, token, ports);
    if (isTurnOf(identity, now)) yield identity;
  }
}

function isTurnOf({ loginServer, token }: TokenIdentity, now: Instant): boolean {
  const turn = Math.floor(spread(tokenKey(loginServer, token)) * daysOfRound);
  return Math.floor(Date.parse(now) / day) % daysOfRound === turn;
}

export function identityOf(
  registry: string,
  token: string,
  { configuration }: Pick<RetentionPorts, 'configuration'>,
): TokenIdentity {
  const loginServer = configuration.registries.get(registry)?.loginServer ?? '';
  return { registry, loginServer, token };
}
