/** An expression cannot be worked out as Azure would. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
}

export type Fields = Readonly<Record<string, unknown>>;

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new EvaluationError(`${shown(value)} is no text`);
}

export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new EvaluationError(`${shown(value)} is no number`);
}

export function isTrue(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new EvaluationError(`${shown(value)} is neither true nor false`);
}

export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new EvaluationError(`${shown(value)} is no array`);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

export function fieldsOf(value: unknown): Fields {
  if (isFields(value)) return value;
  throw new EvaluationError(`${shown(value)} is no object`);
}

/** What several objects say together; where two say something of the same key, the later one holds. */
export function merged(first: Fields, second: Fields): Fields {
  const both: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = both[key];
    both[key] = isFields(before) && isFields(value) ? merged(before, value) : value;
  }
  return both;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200);
}
