import type { Entrance } from '../configuration/configuration.ts';
import { milliseconds } from '../contracts/durations.ts';
import type { Instant } from '../contracts/instants.ts';
import { day, earliest, plus } from '../lifecycle/instant-arithmetic.ts';
import type { AgedRequest } from '../ports/retention.ts';
import { inGroups } from './in-groups.ts';
import { cutoff } from './outlived.ts';
import type { RetentionPorts } from './retention-ports.ts';

/** A message may be put off for a week before it is a command. */
const longestPutOff = 8 * day;

/**
 * Clears away what became of commands longer ago than it is kept: the command's row, if it has ended, and the two rows of
 * the index, in an order in which a run that was cut off is taken up by the next. That a command came before is only
 * forgotten when it would be set aside as stale. Answers how many commands are forgotten.
 *
 * @throws ServiceFailure
 */
export async function clearRequests(now: Instant, most: number, ports: RetentionPorts): Promise<number> {
  let cleared = 0;
  for (const entrance of ports.configuration.entrances.values()) {
    const before = forgottenBefore(now, entrance, ports);
    const aged = ports.retention.requests.listAged(entrance.name, before);
    for await (const group of inGroups(aged, (request) => clearRequest(request, before, ports))) {
      cleared += group.filter((isCleared) => isCleared).length;
      if (cleared >= most) return cleared;
    }
  }
  return cleared;
}

function forgottenBefore(
  now: Instant,
  { policy }: Entrance,
  { configuration }: Pick<RetentionPorts, 'configuration'>,
): Instant {
  const stale = plus(now, -milliseconds(policy.staleAfter) - longestPutOff);
  return earliest(cutoff(now, configuration.retention.history), stale);
}

/** False: the command waits, or has ended only since. */
async function clearRequest(
  request: AgedRequest,
  before: Instant,
  { requests, retention }: RetentionPorts,
): Promise<boolean> {
  const { entrance, key } = request;
  const token = await requests.findRequest(entrance, key);
  if (token && !(await retention.records.removeEndedCommand(token, key, before))) return false;
  await retention.requests.removeRequest(request);
  return true;
}
