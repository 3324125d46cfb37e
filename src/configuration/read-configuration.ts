import { problemsOf, type Violation, violations } from '../contracts/violations.ts';
import { type Configuration, configurationOf } from './configuration.ts';
import { configurationSchema } from './configuration-document.ts';
import { conflicts, conflictsIn } from './cross-checks.ts';
import { type Misplacement, misplacements } from './misplacements.ts';

/** The settings of the app that hold the configuration, or say in which file it is. */
export const configurationSetting = 'KEYTURN_CONFIGURATION';
export const configurationFileSetting = 'KEYTURN_CONFIGURATION_FILE';

export interface ConfigurationProblem {
  /** Path in the configuration, such as `entrances.partners.policy.vault`; or the name of a setting. */
  readonly path: string;
  readonly violation: Violation | keyof typeof conflicts | Misplacement | keyof typeof sourceProblems;
  /** What may stand there instead, where that is a list. */
  readonly allowed?: readonly string[];
}

/** The configuration cannot be used. The app must not start. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[]) {
    const lines = problems.map((problem) => `  ${problemText(problem)}`);
    super(['The configuration of Keyturn is not valid:', ...lines].join('\n'));
    this.problems = problems;
  }
}

const sourceProblems = { notJson: 'is not JSON', unreadableFile: 'names a file that cannot be read' };
const meanings = { ...violations, ...conflicts, ...misplacements, ...sourceProblems };

/** Such as `lease.margin: marginOverHalfOfLease: is more than half of the length of the lease`. */
export function problemText({ path, violation, allowed = [] }: ConfigurationProblem): string {
  const instead = allowed.length > 0 ? `: ${allowed.join(', ')}` : '';
  return `${path || 'configuration'}: ${violation}: ${meanings[violation]}${instead}`;
}

/** Where the configuration is. @throws ConfigurationError when no setting says so. */
export function configurationSource(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly text: string } | { readonly file: string } {
  const text = environment[configurationSetting];
  if (text) return { text };
  const file = environment[configurationFileSetting];
  if (file) return { file };
  throw new ConfigurationError([{ path: configurationSetting, violation: 'missing' }]);
}

/** Checks a configuration and fills in what follows from it. @throws ConfigurationError with all that is wrong. */
export function parseConfiguration(text: string): Configuration {
  const parsed = configurationSchema.safeParse(parseJson(text), { reportInput: true });
  if (!parsed.success) throw new ConfigurationError(problemsOf(parsed.error));
  const configuration = configurationOf(parsed.data);
  const found = [...conflictsIn(configuration)];
  if (found.length > 0) throw new ConfigurationError(found);
  return configuration;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigurationError([{ path: 'configuration', violation: 'notJson' }]);
  }
}
