import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** One effect on the world outside, as an activity left it there. */
export interface Effect {
  readonly instanceId: string;
  readonly effect: string;
  /** The host that had it. */
  readonly counter: string;
}

/**
 * The world outside: a file to which activities append what they did, one line for each effect. It stands for payments made,
 * parcels sent and so on, which do not go away when a host dies.
 */
export async function leaveEffect(instanceId: string, effect: string): Promise<void> {
  const line: Effect = { instanceId, effect, counter: counterName() };
  await wait(halfOfTheWork());
  await appendFile(journalFile(), `${JSON.stringify(line)}\n`);
  await wait(halfOfTheWork());
}

/** How often an orchestration has had an effect so far. */
export async function countEffects(instanceId: string, effect: string): Promise<number> {
  const effects = await readJournal(journalFile());
  return effects.filter((line) => line.instanceId === instanceId && line.effect === effect).length;
}

/** All effects in a journal, oldest first. */
export async function readJournal(file: string): Promise<Effect[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Effect);
}

/** Which counter of the office this host serves. */
export function counterName(): string {
  return process.env.COUNTER_NAME || 'main';
}

/** How long an effect is being prepared, and how long its answer is on the way; milliseconds. */
function halfOfTheWork(): number {
  return Number(process.env.WORK_MILLISECONDS || '0') / 2;
}

export function journalFolder(): string {
  const folder = process.env.JOURNAL_FOLDER;
  if (!folder) throw new Error('The app setting JOURNAL_FOLDER is missing');
  return folder;
}

function journalFile(): string {
  return join(journalFolder(), 'journal.jsonl');
}
