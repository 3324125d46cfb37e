import type { Instant } from '../contracts/instants.ts';
import { tokenKey } from '../contracts/names.ts';
import { day } from '../lifecycle/instant-arithmetic.ts';
import { spread } from '../lifecycle/spread.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
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
  const { configuration, retention } = ports;
  const before = cutoff(now, configuration.retention.history);
  let cleared = 0;
  for await (const { registry, token } of listNames({}, ports)) {
    const identity = identityOf(registry, token, ports);
    if (!isTurnOf(identity, now)) continue;
    const outlived = outlivedHistory(await retention.records.readHistoryRows(identity), before);
    await retention.records.removeRows(
      identity,
      outlived.map(({ key }) => key),
    );
    cleared += outlived.length;
    if (cleared >= most) break;
  }
  return cleared;
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
