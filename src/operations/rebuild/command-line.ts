import { type Instant, instantSchema } from '../../contracts/instants.ts';
import { parseOptions } from '../run-command.ts';
import { UsageError } from '../usage-error.ts';

export const help = `Restores the records of tokens when Keyturn's storage account was lost: from the registries, the tags of the
secrets in the vaults, and the configuration. Without --write it only says what it would do.

Usage: npm run rebuild -- [options]

  --write            write records and rows of the inventory; never over a record that is there
  --registry NAME    only tokens of this registry of the configuration; may be given several times
  --settings FILE    settings beside those of the environment: NAME='value' lines, or JSON as in
                     local.settings.json; may be given several times, and the last one counts
  --now INSTANT      take this moment for the present one: for the local cloud, whose clock can be moved
  --help             print this

It asks as the managed identity of the settings where there is one, else as whoever has logged in with az login.
See docs/recovery.md.
`;

export interface RebuildCommand {
  readonly write: boolean;
  readonly registries: readonly string[];
  readonly settingsFiles: readonly string[];
  readonly now: Instant | undefined;
}

/** @throws UsageError that names the option */
export function parseCommandLine(words: readonly string[]): RebuildCommand | 'help' {
  const { write, registry, settings, now, help } = parseOptions(words, {
    write: { type: 'boolean' },
    registry: { type: 'string', multiple: true },
    settings: { type: 'string', multiple: true },
    now: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (help) return 'help';
  return {
    write: write ?? false,
    registries: registry ?? [],
    settingsFiles: settings ?? [],
    now: now === undefined ? undefined : instantOf(now),
  };
}

function instantOf(text: string): Instant {
  const instant = instantSchema.safeParse(text);
  if (!instant.success)
    throw new UsageError(`--now takes a moment such as 2026-03-01T12:00:00Z, and not ${text}`);
  return instant.data;
}
