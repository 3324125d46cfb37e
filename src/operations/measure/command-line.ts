import { durationSchema, milliseconds } from '../../contracts/durations.ts';
import { parseOptions } from '../run-command.ts';
import { UsageError } from '../usage-error.ts';

export const help = `Measures what a registry does to the passwords of its tokens: how long new ones take to be accepted, whether old ones
end in time, and how long what was issued outlives the disabling of a token. It makes a token and a scope map, and
deletes them in the end; no other token is touched.

Usage: npm run measure -- --registry RESOURCE_ID [options]

  --registry ID          resource id of the registry
  --login-server HOST    where to log in, if not at the registry's own name; several times for regional endpoints, and
                         each is measured
  --repository NAME      repository that access tokens are asked for; it need not exist (keyturn-measure)
  --repeats N            how often a password is regenerated (3)
  --interval DURATION    between two tries to log in (PT1S)
  --watch DURATION       for how long each change is watched (PT3M)
  --short-validity DURATION  validity of the password that is left to expire (PT1M)
  --patience DURATION    for how long an issued access token is followed (PT3H30M)
  --resource-manager URL address of Azure Resource Manager, where it is not the public cloud's
  --json                 print the figures as JSON, in milliseconds
  --settings FILE        settings beside those of the environment, as other commands take them
  --help                 print this

It asks as whoever has logged in with az login. See docs/measure-on-azure.md.
`;

export interface MeasureCommand {
  readonly registry: string;
  readonly loginServers: readonly string[];
  readonly repository: string;
  readonly repeats: number;
  /** Milliseconds. */
  readonly interval: number;
  readonly watch: number;
  readonly shortValidity: number;
  readonly patience: number;
  readonly resourceManager: string;
  readonly json: boolean;
  readonly settingsFiles: readonly string[];
}

const registryId =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerRegistry\/registries\/[^/]+$/i;

/** @throws UsageError that names the option */
export function parseCommandLine(words: readonly string[]): MeasureCommand | 'help' {
  const text = { type: 'string' } as const;
  const texts = { type: 'string', multiple: true } as const;
  const values = parseOptions(words, {
    registry: text,
    'login-server': texts,
    repository: text,
    repeats: text,
    interval: text,
    watch: text,
    'short-validity': text,
    patience: text,
    'resource-manager': text,
    json: { type: 'boolean' },
    settings: texts,
    help: { type: 'boolean' },
  });
  if (values.help) return 'help';
  const { registry = '', repository = 'keyturn-measure', repeats = '3' } = values;
  if (!registryId.test(registry))
    throw new UsageError(
      '--registry takes the resource id of a registry: az acr show --name NAME --query id',
    );
  if (!/^\d{1,3}$/.test(repeats)) throw new UsageError(`--repeats takes a number, and not ${repeats}`);
  return {
    registry,
    loginServers: values['login-server'] ?? [],
    repository,
    repeats: Number(repeats),
    interval: durationOf('--interval', values.interval ?? 'PT1S'),
    watch: durationOf('--watch', values.watch ?? 'PT3M'),
    shortValidity: durationOf('--short-validity', values['short-validity'] ?? 'PT1M'),
    patience: durationOf('--patience', values.patience ?? 'PT3H30M'),
    resourceManager: values['resource-manager'] ?? 'https://management.azure.com',
    json: values.json ?? false,
    settingsFiles: values.settings ?? [],
  };
}

function durationOf(option: string, text: string): number {
  const duration = durationSchema.safeParse(text);
  if (!duration.success)
    throw new UsageError(`${option} takes an ISO 8601 duration such as PT90S, and not ${text}`);
  return milliseconds(duration.data);
}
