import type { DurableTaskSettings } from '../durable/engine/durable-task-settings.ts';
import type { HostLog } from '../log/host-log.ts';
import type { AppSettings } from '../settings/app-settings.ts';
import { AppStartError } from './app-start-error.ts';
import type { FunctionDefinition } from './function-definition.ts';

/**
 * Checks what functions need of the settings, and warns of retries that will not happen.
 * @throws AppStartError with a line for each problem.
 */
export function checkBindings(
  definitions: readonly FunctionDefinition[],
  settings: AppSettings,
  { hubName }: DurableTaskSettings,
  log: HostLog,
): void {
  const problems: string[] = [];
  for (const definition of definitions) {
    for (const problem of [
      ...connectionProblems(definition, settings),
      ...taskHubProblems(definition, hubName),
    ])
      problems.push(`The '${definition.name}' function is in error: ${problem}`);
    if (definition.retry && definition.trigger.kind !== 'timer')
      log.write({
        level: 'warning',
        category: `Function.${definition.name}`,
        functionName: definition.name,
        message: `Retries are not supported for function '${definition.name}': its trigger is ${definition.trigger.kind}, and only timers are retried`,
      });
  }
  if (problems.length > 0) throw new AppStartError(problems.join('\n'));
}

function connectionProblems({ trigger, outputs }: FunctionDefinition, settings: AppSettings): string[] {
  const connections = [...(trigger.kind === 'serviceBus' ? [trigger] : []), ...outputs];
  return connections.flatMap(({ connection }) => {
    try {
      settings.connection(connection);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

function taskHubProblems({ durableClients }: FunctionDefinition, hubName: string): string[] {
  return durableClients.flatMap(({ taskHub }) =>
    taskHub === undefined || taskHub.toLowerCase() === hubName.toLowerCase()
      ? []
      : [`durableClient: taskHub "${taskHub}" is not the host's task hub "${hubName}"`],
  );
}
