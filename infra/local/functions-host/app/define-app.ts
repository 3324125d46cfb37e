import type { AppSettings } from '../settings/app-settings.ts';
import type { RegisteredFunction } from '../worker/worker-messages.ts';
import { AppStartError } from './app-start-error.ts';
import { defineFunction } from './define-function.ts';
import type { FunctionDefinition, HttpTrigger } from './function-definition.ts';

/**
 * The functions of an app as this host runs them, in the order of their names, which is the order in which the real host tries
 * their routes.
 * @param only host.json's `functions`: when given, the others are left out.
 * @throws AppStartError with a line for each function that cannot run here, with its name and the feature.
 */
export function defineApp(
  registered: readonly RegisteredFunction[],
  settings: AppSettings,
  only?: readonly string[],
): FunctionDefinition[] {
  const wanted = only?.map((name) => name.toLowerCase());
  const definitions: FunctionDefinition[] = [];
  const problems: string[] = [];
  for (const one of registered) {
    if (wanted && !wanted.includes(one.name.toLowerCase())) continue;
    const result = defineFunction(one, settings);
    if (result.definition) definitions.push(result.definition);
    for (const problem of result.problems ?? []) problems.push(functionProblem(one.name, problem));
  }
  problems.push(...duplicateNames(definitions), ...routeProblems(definitions));
  if (problems.length > 0) throw new AppStartError(problems.join('\n'));
  return definitions.sort((one, other) => compareNames(one.name, other.name));
}

function functionProblem(name: string, problem: string): string {
  return `The '${name}' function is in error: ${problem}`;
}

function duplicateNames(definitions: readonly FunctionDefinition[]): string[] {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const { name } of definitions) {
    const other = seen.get(name.toLowerCase());
    if (other)
      problems.push(
        functionProblem(
          name,
          `The function name must be unique within the function app, and there is '${other}'.`,
        ),
      );
    seen.set(name.toLowerCase(), name);
  }
  return problems;
}

function routeProblems(definitions: readonly FunctionDefinition[]): string[] {
  const problems: string[] = [];
  const earlier: { name: string; trigger: HttpTrigger }[] = [];
  for (const { name, trigger } of definitions) {
    if (trigger.kind !== 'http') continue;
    if (/^(admin|runtime)/i.test(trigger.route))
      problems.push(functionProblem(name, 'The specified route conflicts with one or more built in routes.'));
    for (const other of earlier)
      if (routesConflict(trigger, other.trigger))
        problems.push(
          functionProblem(
            name,
            `The route specified conflicts with the route defined by function '${other.name}'.`,
          ),
        );
    earlier.push({ name, trigger });
  }
  return problems;
}

function routesConflict(one: HttpTrigger, other: HttpTrigger): boolean {
  if (one.route.toLowerCase() !== other.route.toLowerCase()) return false;
  const { methods } = one;
  if (!methods?.length || !other.methods?.length) return true;
  return other.methods.some((method) => methods.includes(method));
}

/** As .NET compares them: by the capitals of their characters. */
function compareNames(one: string, other: string): number {
  const [first, second] = [one.toUpperCase(), other.toUpperCase()];
  return first < second ? -1 : first > second ? 1 : 0;
}
