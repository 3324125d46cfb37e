import type { DurableFunctionKind, FunctionInvoker } from './function-invoker.ts';

/** Explains, in the extension's words, that no function of that kind and name is registered. */
export function missingFunctionMessage(
  kind: DurableFunctionKind,
  name: string,
  invoker: FunctionInvoker,
): string {
  const known = invoker.registeredNames(kind);
  const article = kind === 'orchestrator' ? 'an orchestrator' : 'an activity';
  const hint =
    known.length > 0
      ? `The following are the known ${kind} functions: '${known.join("', '")}'.`
      : `No ${kind} functions are currently registered!`;
  return `The function '${name}' doesn't exist, is disabled, or is not ${article} function. Additional info: ${hint}`;
}
