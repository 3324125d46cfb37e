interface Action {
  readonly compoundActions?: readonly Action[];
}

/**
 * Whether an orchestrator's state lists one task twice, because it was waited for in more than one `Task.any` or `Task.all`.
 * The real extension then schedules it twice, and its task ids drift from the library's. Only here, before the state becomes
 * JSON, can it be seen.
 * @see https://github.com/Azure/azure-functions-durable-js/issues/574
 */
export function reusesTask(state: unknown): boolean {
  const actions = (state as { actions?: readonly (readonly Action[])[] } | undefined)?.actions;
  if (!Array.isArray(actions)) return false;
  const seen = new Set<Action>();
  const isRepeated = (action: Action): boolean => {
    if (seen.has(action)) return true;
    seen.add(action);
    return action.compoundActions?.some(isRepeated) ?? false;
  };
  return actions.flat().some(isRepeated);
}
