import { parseArgs } from 'node:util';
import { z } from 'zod';
import { UsageError } from '../part.ts';

export interface DemoCommand {
  /** Ends when the demo is through, with an exit code. */
  readonly once: boolean;
  /** So many months the clock is moved forward. */
  readonly months: number;
  readonly freePorts: boolean;
  /** Of Keyturn's Functions host. */
  readonly port: number;
  readonly dataFolder: string;
}

export const helpText = `Shows Keyturn at work on this machine: a local cloud, Keyturn, and a guided demo on real messages.

  npm start                the demo; then everything stays up to play with, until Ctrl-C
  npm start -- --once      the demo alone; exit code 0 if all went as told

Options
  --once         end when the demo is through
  --months N     how many months the demo lets go by, 1 to 24 (default 12)
  --free-ports   take any free ports instead of the usual ones
  --port N       of Keyturn's Functions host (default 7071)
  --data DIR     certificates, keys, storage data and Keyturn's log (default .local)
  --help         this text

Exit codes: 0 all went as told, 1 something did not, 2 a wrong option or a port that is taken.
Every start begins empty: tokens, secrets and messages of an earlier start are gone.
`;

function wholeNumber(option: string, least: number, most: number) {
  const error = `${option} takes a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error }).optional();
}

const optionsSchema = z.object({
  once: z.boolean().default(false),
  months: wholeNumber('--months', 1, 24),
  'free-ports': z.boolean().default(false),
  port: wholeNumber('--port', 0, 65_535),
  data: z.string().default('.local'),
  help: z.boolean().optional(),
});

/**
 * What the words after `npm start --` ask for.
 * @throws UsageError that names the word that does not fit.
 */
export function parseCommandLine(words: readonly string[]): DemoCommand | 'help' {
  const parsed = optionsSchema.safeParse(rawOptions(words));
  if (!parsed.success) throw new UsageError(parsed.error.issues[0]?.message ?? 'The options do not fit');
  const { once, months = 12, 'free-ports': freePorts, port, data, help } = parsed.data;
  if (help) return 'help';
  return { once, months, freePorts, port: port ?? (freePorts ? 0 : 7071), dataFolder: data };
}

function rawOptions(words: readonly string[]): unknown {
  try {
    return parseArgs({
      args: [...words],
      options: {
        once: { type: 'boolean' },
        months: { type: 'string' },
        'free-ports': { type: 'boolean' },
        port: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const [firstSentence] = (error as Error).message.split('. ');
    throw new UsageError(`${firstSentence}; npm start -- --help says what it takes`);
  }
}
