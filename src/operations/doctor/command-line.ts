import { parseOptions } from '../run-command.ts';

export interface DoctorCommand {
  /** Files with settings; the last one counts. */
  readonly settings: readonly string[];
  readonly json: boolean;
  readonly canary: boolean;
}

export const helpText = `Checks a configuration of Keyturn, and that all it needs is there and lets it in.

  npm run doctor -- [options]

  --settings FILE   takes settings from FILE, too: lines NAME='value', or JSON as in local.settings.json.
                    May be given several times; the last one counts
  --no-canary       writes no secret into the vaults
  --json            prints each line as JSON
  --help            prints this

Exit code: 0 if nothing is red, 1 if something is, 2 if the command was not understood.
`;

/** @throws UsageError of one line */
export function parseCommandLine(words: readonly string[]): DoctorCommand | 'help' {
  const options = parseOptions(words, {
    settings: { type: 'string', multiple: true },
    json: { type: 'boolean' },
    'no-canary': { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (options.help) return 'help';
  const { settings = [], json = false, 'no-canary': withoutCanary = false } = options;
  return { settings, json, canary: !withoutCanary };
}
