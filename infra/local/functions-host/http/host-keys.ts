import { randomBytes, timingSafeEqual } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../part.ts';

const keysSchema = z.object({
  /** Opens everything, also functions of level `admin` and the admin endpoints. */
  master: z.string().min(1),
  /** Opens functions of level `function`. */
  function: z.string().min(1),
  /** Opens the Durable Task extension's public endpoints. */
  durabletask: z.string().min(1),
});

export type HostKeys = z.output<typeof keysSchema>;
export type AuthLevel = 'anonymous' | 'function' | 'admin';

/**
 * Opens the keys of this host in its data folder (`keys.json`); makes folder and keys at the first start.
 * @throws UsageError when the folder cannot be made.
 */
export async function openHostKeys(dataFolder: string): Promise<HostKeys> {
  await mkdir(dataFolder, { recursive: true }).catch((error: Error) => {
    throw new UsageError(`The data folder ${dataFolder} cannot be used: ${error.message}`);
  });
  const file = join(dataFolder, 'keys.json');
  const made = { master: createKey(), function: createKey(), durabletask: createKey() };
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 });
  try {
    // Of two hosts that start at once, one links its keys there and the other takes them.
    await link(draft, file);
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return keysSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } finally {
    await rm(draft);
  }
}

/** Whether a request's key (header `x-functions-key`, or query `code`) opens what needs this level. */
export function opens(keys: HostKeys, key: string | undefined, level: AuthLevel): boolean {
  if (level === 'anonymous') return true;
  if (!key) return false;
  return isSame(key, keys.master) || (level === 'function' && isSame(key, keys.function));
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

function createKey(): string {
  return randomBytes(40).toString('base64url');
}
