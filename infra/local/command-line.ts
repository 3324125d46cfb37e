import { parseArgs } from 'node:util';
import { z } from 'zod';
import { UsageError } from './part.ts';

/** The parts that `npm run cloud` starts, in this order. */
export const startableParts = ['identity', 'storage', 'service-bus', 'registry', 'key-vault'] as const;

export type StartablePart = (typeof startableParts)[number];

export interface CloudCommand {
  readonly only: StartablePart | undefined;
  /** The first port of the one part; a part with several endpoints takes the ports that follow. */
  readonly port: number | undefined;
  readonly configFile: string;
  readonly dataFolder: string;
  readonly environmentFile: string;
}

export const helpText = `Starts the local cloud: what Keyturn needs of Azure, on this machine.

  npm run cloud                         all parts, until Ctrl-C
  npm run cloud -- --only PART          one part: ${startableParts.join(', ')}

Options
  --only PART      start this part alone (and the control API)
  --port N         its first port, with --only; 0 takes any free one
  --config FILE    registries, vaults, identities and ports (default infra/local/cloud.config.json)
  --data DIR       certificates, keys and storage data (default .local)
  --environment FILE
                   where to write the settings that point clients at it (default DIR/cloud.env)
  --help           this text

Every start begins empty: tokens, secrets, messages and storage data of an earlier start are gone.
`;

const optionsSchema = z.object({
  only: z.enum(startableParts, { error: `--only takes one of ${startableParts.join(', ')}` }).optional(),
  port: z.coerce
    .number({ error: '--port takes a number from 0 to 65535' })
    .int({ error: '--port takes a whole number' })
    .min(0, { error: '--port takes a number from 0 to 65535' })
    .max(65_535, { error: '--port takes a number from 0 to 65535' })
    .optional(),
  config: z.string().optional(),
  data: z.string().optional(),
  environment: z.string().optional(),
  help: z.boolean().optional(),
});

/**
 * What the words after `npm run cloud --` ask for.
 * @throws UsageError that names the word that does not fit.
 */
export function parseCommandLine(words: readonly string[], defaultConfigFile: string): CloudCommand | 'help' {
  const parsed = optionsSchema.safeParse(rawOptions(words));
  if (!parsed.success) throw new UsageError(parsed.error.issues[0]?.message ?? 'The options do not fit');
  const options = parsed.data;
  if (options.help) return 'help';
  if (options.port !== undefined && options.only === undefined) {
    throw new UsageError('--port goes with --only; the ports of all parts are in the config file');
  }
  const dataFolder = options.data ?? '.local';
  return {
    only: options.only,
    port: options.port,
    configFile: options.config ?? defaultConfigFile,
    dataFolder,
    environmentFile: options.environment ?? `${dataFolder}/cloud.env`,
  };
}

function rawOptions(words: readonly string[]): unknown {
  try {
    return parseArgs({
      args: [...words],
      options: {
        only: { type: 'string' },
        port: { type: 'string' },
        config: { type: 'string' },
        data: { type: 'string' },
        environment: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const [firstSentence] = (error as Error).message.split('. ');
    throw new UsageError(`${firstSentence}; npm run cloud -- --help says what it takes`);
  }
}
