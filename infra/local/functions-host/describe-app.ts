import type { FunctionDefinition } from './app/function-definition.ts';
import { sourceName } from './service-bus/message-listener.ts';

/** A table of the app's functions and what triggers them, for the log. */
export function describeFunctions(
  definitions: readonly FunctionDefinition[],
  origin: string,
  routePrefix: string,
): string {
  if (definitions.length === 0) return 'No job functions found.';
  const prefix = routePrefix.replace(/^\/+|\/+$/g, '');
  const lines = definitions.map((definition) => {
    const disabled = definition.isDisabled ? ' (disabled)' : '';
    return `${definition.name}: ${describeTrigger(definition, `${origin}/${prefix ? `${prefix}/` : ''}`)}${disabled}`;
  });
  return ['Functions:', ...lines].join('\n');
}

function describeTrigger({ trigger }: FunctionDefinition, base: string): string {
  switch (trigger.kind) {
    case 'http':
      return `[${trigger.methods?.join(',') ?? 'all methods'}] ${base}${trigger.route}`;
    case 'timer':
      return `timer ${trigger.schedule}`;
    case 'serviceBus':
      return `Service Bus ${sourceName(trigger.source)}`;
    case 'orchestration':
    case 'activity':
      return trigger.kind;
  }
}
