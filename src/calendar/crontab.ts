import { z } from 'zod';
import { violation } from '../contracts/violations.ts';

/** The values at which each part of a date and time fits. A date fits if all three of its parts do. */
export interface Crontab {
  readonly seconds: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
}

/** An NCRONTAB expression that comes up at some time. */
export const crontabSchema = z
  .string()
  .max(200)
  .refine((text) => parseCrontab(text) !== undefined, violation('invalidCrontab'));

interface Field {
  readonly least: number;
  readonly most: number;
  /** In order, from `least` on. */
  readonly names?: readonly string[];
}

const monthNames =
  'january february march april may june july august september october november december'.split(' ');
const dayNames = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const sixty: Field = { least: 0, most: 59 };
const hour: Field = { least: 0, most: 23 };
const day: Field = { least: 1, most: 31 };
const month: Field = { least: 1, most: 12, names: monthNames };
const dayOfWeek: Field = { least: 0, most: 6, names: dayNames };
const daysOfMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads an expression of six fields (second, minute, hour, day, month, day of the week) as NCRONTAB has them, so that
 * an expression means the same here as in a timer trigger of Azure Functions: day and day of the week must both fit,
 * `a/n` goes on to the end, a range that is written backwards is turned round, and names may be cut short. Undefined
 * if it is none, or never comes up (30 February). Source: the NCrontab library's description of expressions.
 */
export function parseCrontab(expression: string): Crontab | undefined {
  const texts = expression.trim().split(/ +/);
  if (texts.length !== 6) return undefined;
  const [seconds, minutes, hours, days, months, daysOfWeek] = [sixty, sixty, hour, day, month, dayOfWeek].map(
    (field, index) => parseField(texts[index] ?? '', field),
  );
  if (!seconds || !minutes || !hours || !days || !months || !daysOfWeek) return undefined;
  const longest = Math.max(...[...months].map((each) => daysOfMonths[each - 1] ?? 0));
  if (Math.min(...days) > longest) return undefined;
  return { seconds, minutes, hours, days, months, daysOfWeek };
}

function parseField(text: string, field: Field): Set<number> | undefined {
  const values = new Set<number>();
  for (const element of text.split(',')) {
    const range = parseElement(element, field);
    if (!range) return undefined;
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
  }
  return values;
}

const elementForm = /^(?<from>\*|\w+)(?:-(?<to>\w+))?(?:\/(?<step>\d{1,4}))?$/;

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** `*`, `a` or `a-b`, each with or without `/n`. */
function parseElement(text: string, field: Field): Range | undefined {
  const { from, to, step: written } = elementForm.exec(text)?.groups ?? {};
  if (from === undefined) return undefined;
  const step = written === undefined ? 1 : Number(written);
  if (step < 1) return undefined;
  if (from === '*') return to === undefined ? { first: field.least, last: field.most, step } : undefined;
  const one = parseValue(from, field);
  const other = to === undefined ? one : parseValue(to, field);
  if (one === undefined || other === undefined) return undefined;
  if (to === undefined && written !== undefined) return { first: one, last: field.most, step };
  return { first: Math.min(one, other), last: Math.max(one, other), step };
}

function parseValue(text: string, { least, most, names }: Field): number | undefined {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    return value >= least && value <= most ? value : undefined;
  }
  const index = names?.findIndex((name) => name.startsWith(text.toLowerCase())) ?? -1;
  return index < 0 ? undefined : index + least;
}
