/**
 * The text that an activity's worker gets for the JSON text that was scheduled. The extension hands plain values over as .NET
 * strings: booleans become `True` and `False`, which the worker does not parse back. Undefined stands for no input.
 */
export function activityInput(scheduled: string | null): string | undefined {
  if (scheduled === null) return undefined;
  const value: unknown = JSON.parse(scheduled);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' ? value : scheduled;
}
