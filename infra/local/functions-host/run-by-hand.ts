import type { FunctionDefinition } from './app/function-definition.ts';
import type { FunctionCall, FunctionCaller } from './invocations/function-caller.ts';
import type { HostLog } from './log/host-log.ts';
import { withBodyProperties } from './service-bus/body-metadata.ts';
import type { TimerTriggers } from './timers/timer-triggers.ts';

export interface RunByHandOptions {
  readonly definitions: readonly FunctionDefinition[];
  readonly caller: FunctionCaller;
  readonly timers: TimerTriggers;
  readonly log: HostLog;
}

/**
 * Starts a function by hand, in the background, as `POST /admin/functions/NAME` does; also a disabled one. Says no when there
 * is no function of that name.
 */
export function runByHand(
  options: RunByHandOptions,
  functionName: string,
  input: string | undefined,
): boolean {
  const { definitions, caller, log } = options;
  const definition = definitions.find(({ name }) => name.toLowerCase() === functionName.toLowerCase());
  if (!definition) return false;
  const call = callByHand(options, definition, input);
  if (call) void caller.call(definition, { ...call, trigger: 'by hand' });
  else
    log.write({
      level: 'error',
      category: `Function.${definition.name}`,
      functionName: definition.name,
      message: `a function with the trigger ${definition.trigger.kind} cannot be run by hand`,
      facts: { outcome: 'failed', trigger: 'by hand' },
    });
  return true;
}

function callByHand(
  { timers }: RunByHandOptions,
  definition: FunctionDefinition,
  input: string | undefined,
): Pick<FunctionCall, 'input' | 'metadata'> | undefined {
  const { trigger } = definition;
  if (trigger.kind === 'timer') {
    const json = timers.inputForRunByHand(definition.name);
    return json === undefined ? undefined : { input: { json } };
  }
  if (trigger.kind !== 'serviceBus' || input === undefined) return undefined;
  return messageByHand(trigger.dataType, trigger.cardinality, input);
}

function messageByHand(
  dataType: 'string' | 'binary',
  cardinality: 'one' | 'many',
  input: string,
): Pick<FunctionCall, 'input' | 'metadata'> {
  const bytes = new Uint8Array(Buffer.from(input));
  if (cardinality === 'many')
    return {
      input:
        dataType === 'binary'
          ? { collectionBytes: { bytes: [bytes] } }
          : { collectionString: { string: [input] } },
    };
  if (dataType === 'binary') return { input: { bytes } };
  return { input: { string: input }, metadata: withBodyProperties({}, input) };
}
