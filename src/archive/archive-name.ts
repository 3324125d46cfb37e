import { createHash } from 'node:crypto';
import { z } from 'zod';
import { instantSchema } from '../contracts/instants.ts';

const namable = z.object({ id: z.string().regex(/^[A-Za-z0-9-]{1,128}$/), time: instantSchema });

/**
 * The name of an event in the archive: day and id, so that a repeat has the same name and a day can be listed. What is
 * no event is kept as well, under the hash of its bytes.
 */
export function archiveName(body: Uint8Array): string {
  const event = namable.safeParse(jsonOf(body)).data;
  if (event === undefined) return `unreadable/${createHash('sha256').update(body).digest('hex')}`;
  const day = new Date(event.time).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/${event.id}.json`;
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
