import { millisecondsBetween, minute, plus, second } from '../lifecycle/instant-arithmetic.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventArchive } from '../ports/event-archive.ts';
import { archiveName } from './archive-name.ts';

export interface ArchivePorts {
  readonly archive: EventArchive;
  readonly clock: Clock;
  readonly pause: (milliseconds: number) => Promise<void>;
}

export interface Archived {
  readonly result: 'archived' | 'alreadyArchived';
  readonly name: string;
}

/** Less than the Functions host keeps the message locked for (host.json). */
const patience = 4 * minute;
const firstPause = second;
const longestPause = 30 * second;

/**
 * Keeps one event in the archive; the same event twice is kept once. While the archive is down it is tried for four
 * minutes, so that an outage of a day uses up few of the message's deliveries.
 *
 * @throws ServiceFailure if it is not kept by then; the broker hands the message out again
 */
export async function archiveEvent(body: Uint8Array, ports: ArchivePorts): Promise<Archived> {
  const { archive, clock, pause } = ports;
  const name = archiveName(body);
  const until = plus(clock.now().toISOString(), patience);
  for (let wait = firstPause; ; wait = Math.min(2 * wait, longestPause)) {
    try {
      const isNew = await archive.keep(name, body);
      return { result: isNew ? 'archived' : 'alreadyArchived', name };
    } catch (error) {
      if (millisecondsBetween(clock.now().toISOString(), until) < wait) throw error;
      await pause(wait);
    }
  }
}
