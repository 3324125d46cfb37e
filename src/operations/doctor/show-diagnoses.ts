import type { Diagnosis, Subject, Verdict } from './diagnosis.ts';

/** Widths of the columns, in characters. */
export interface Columns {
  readonly kind: number;
  readonly name: number;
}

const mostName = 40;

/** Wide enough for what is known to come; what is longer moves the rest of its line. */
export function columnsFor(subjects: readonly Subject[]): Columns {
  const widest = (of: 'kind' | 'name') => Math.max(0, ...subjects.map((subject) => subject[of].length));
  return { kind: widest('kind'), name: Math.min(widest('name'), mostName) };
}

/** One line; below it, indented, what to do. */
export function asText({ verdict, kind, name, says, remedy }: Diagnosis, columns: Columns): string {
  const line = `${verdict.padEnd(4)}  ${kind.padEnd(columns.kind)}  ${name.padEnd(columns.name)}  ${says}\n`;
  return remedy === undefined ? line : `${line}      what to do: ${remedy}\n`;
}

export function asJson(diagnosis: Diagnosis): string {
  return `${JSON.stringify(diagnosis)}\n`;
}

/** `31 ok, 1 warn, 0 red`. */
export function summary(diagnoses: readonly Diagnosis[]): string {
  const count = (verdict: Verdict) => diagnoses.filter((each) => each.verdict === verdict).length;
  return `${count('ok')} ok, ${count('warn')} warn, ${count('red')} red\n`;
}

/** 0: nothing is red. 1: something is. */
export function exitCode(diagnoses: readonly Diagnosis[]): 0 | 1 {
  return diagnoses.some(({ verdict }) => verdict === 'red') ? 1 : 0;
}
