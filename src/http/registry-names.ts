import type { HttpPorts } from './http-ports.ts';
import { Problem } from './problems.ts';
import { parameterError } from './read-query.ts';

/** The registry that is asked for, or all in the order of their names. @throws Problem `invalidQuery` */
export function registryNames(
  registry: string | undefined,
  { configuration: { registries } }: Pick<HttpPorts, 'configuration'>,
): string[] {
  if (registry === undefined) return [...registries.keys()].sort();
  if (!registries.has(registry))
    throw new Problem('invalidQuery', [parameterError('registry', 'unknownRegistry')]);
  return [registry];
}
