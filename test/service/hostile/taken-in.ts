import { setTimeout as wait } from 'node:timers/promises';
import type { TakenIn } from '../../../src/intake/take-in.ts';
import type { RunningService } from '../running-service.ts';

/** What the app logs of a message that it has taken in. */
export type TakenInRecord = TakenIn & {
  readonly record: 'messageTakenIn';
  readonly entrance: string;
  readonly messageId: string;
};

/** The records of all hosts so far, oldest first. */
export function takenIn({ hosts }: RunningService): TakenInRecord[] {
  return hosts
    .flatMap(({ log }) => log.lines)
    .filter(({ category, message }) => category.endsWith('.User') && message.includes('"messageTakenIn"'))
    .map(({ message }) => JSON.parse(message) as TakenInRecord);
}

/** Resolves when so many messages are taken in. @throws Error when nothing has happened for half a minute */
export async function untilTakenIn(service: RunningService, count: number): Promise<TakenInRecord[]> {
  let records = takenIn(service);
  for (let quietSince = performance.now(); records.length < count; ) {
    await wait(200);
    const now = takenIn(service);
    if (now.length > records.length) quietSince = performance.now();
    else if (performance.now() - quietSince > 30_000)
      throw new Error(`Only ${now.length} of ${count} messages were taken in.`);
    records = now;
  }
  return records;
}
