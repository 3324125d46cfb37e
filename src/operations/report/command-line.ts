import { type Instant, instantSchema } from '../../contracts/instants.ts';
import { parseOptions } from '../run-command.ts';
import { UsageError } from '../usage-error.ts';

export const help = `Tells for an access review which tokens there are, what each may do, and whose it is.

Usage: npm run --silent report -- access [options]

  --as-of DATE       as it was at the end of this day (UTC), or at a moment such as 2026-06-30T12:00:00Z;
                     now, if left out
  --format FORMAT    table (the default), csv or json
  --registry NAME    only tokens of this registry of the configuration; may be given several times
  --owner OWNER      only tokens for this owner
  --entrance NAME    only tokens of this entrance
  --settings FILE    settings beside those of the environment: NAME='value' lines, or JSON as in
                     local.settings.json; may be given several times, and the last one counts
  --help             print this

See docs/access-report.md.
`;

const formats = ['table', 'csv', 'json'] as const;

export type Format = (typeof formats)[number];

export interface ReportCommand {
  readonly asOf: Instant | undefined;
  readonly format: Format;
  readonly registries: readonly string[];
  readonly owner: string | undefined;
  readonly entrance: string | undefined;
  readonly settingsFiles: readonly string[];
}

/** @throws UsageError that names the word that does not fit */
export function parseCommandLine(words: readonly string[]): ReportCommand | 'help' {
  const [report, ...rest] = words;
  if (report === '--help') return 'help';
  if (report !== 'access') throw new UsageError('The first word says which report: access. See --help');
  const text = { type: 'string' } as const;
  const several = { type: 'string', multiple: true } as const;
  const options = parseOptions(rest, {
    'as-of': text,
    format: text,
    registry: several,
    owner: text,
    entrance: text,
    settings: several,
    help: { type: 'boolean' },
  });
  if (options.help) return 'help';
  return {
    asOf: options['as-of'] === undefined ? undefined : momentOf(options['as-of']),
    format: formatOf(options.format ?? 'table'),
    registries: options.registry ?? [],
    owner: options.owner,
    entrance: options.entrance,
    settingsFiles: options.settings ?? [],
  };
}

/** A day counts to its end. */
function momentOf(text: string): Instant {
  const instant = instantSchema.safeParse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59.999Z` : text);
  if (!instant.success)
    throw new UsageError(`--as-of takes a day such as 2026-06-30, or a moment, and not ${text}`);
  return instant.data;
}

function formatOf(text: string): Format {
  const format = formats.find((known) => known === text);
  if (!format) throw new UsageError(`--format takes one of ${formats.join(', ')}, and not ${text}`);
  return format;
}
