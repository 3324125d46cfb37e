import type { TypedData } from '../typed-data.ts';

/**
 * The metadata with what the real host merges into it: every top-level property of a JSON object body that is no array,
 * over what the broker said under that name, without regard to case. Numbers, booleans and dates arrive as .NET texts.
 * @see https://github.com/Azure/azure-functions-host (Utility.ApplyBindingData)
 */
export function withBodyProperties(
  metadata: Readonly<Record<string, TypedData>>,
  body: string,
): Record<string, TypedData> {
  const merged: Record<string, TypedData> = { ...metadata };
  const spelling = new Map(Object.keys(merged).map((name) => [name.toLowerCase(), name]));
  for (const [name, value] of Object.entries(jsonObject(body))) {
    const data = bodyProperty(value);
    if (!data) continue;
    const known = spelling.get(name.toLowerCase()) ?? name;
    spelling.set(name.toLowerCase(), known);
    merged[known] = data;
  }
  return merged;
}

function jsonObject(body: string): object {
  if (!/^\s*\{[\s\S]*\}\s*$/.test(body)) return {};
  try {
    return JSON.parse(body) as object;
  } catch {
    return {};
  }
}

function bodyProperty(value: unknown): TypedData | undefined {
  if (value === null || Array.isArray(value)) return undefined;
  if (typeof value === 'object') return { json: JSON.stringify(value) };
  if (typeof value === 'boolean') return { string: value ? 'True' : 'False' };
  return { string: typeof value === 'string' ? dateText(value) : String(value) };
}

const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?$/;

/** Newtonsoft.Json takes ISO texts for dates, which .NET then prints in its invariant culture: month first, no zone. */
function dateText(text: string): string {
  if (!isoDate.test(text)) return text;
  const date = new Date(/[Z+]|-\d\d:\d\d$/.test(text.slice(19)) ? text : `${text}Z`);
  if (Number.isNaN(date.getTime())) return text;
  const [, year, month, day, time] = /^(\d+)-(\d\d)-(\d\d)T([\d:]{8})/.exec(date.toISOString()) ?? [];
  return `${month}/${day}/${year} ${time}`;
}
