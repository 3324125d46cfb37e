import { z } from 'zod';
import { durationOrZeroSchema } from '../contracts/durations.ts';
import { findingNames } from '../contracts/findings.ts';
import { instantSchema } from '../contracts/instants.ts';
import { registryNameSchema, tokenNameSchema } from '../contracts/names.ts';
import { violations } from '../contracts/violations.ts';
import type { Status } from '../lifecycle/state.ts';
import type { HttpQuestion } from './http-answer.ts';
import { type ParameterError, Problem } from './problems.ts';

export const defaultPageSize = 50;
export const largestPageSize = 200;

/** The statuses that a list may be asked for, in the order of a token's life. */
export const listedStatuses = [
  'provisioning',
  'active',
  'disabled',
  'expired',
  'revoked',
  'deleted',
] as const;

/** What can be wrong with a parameter. */
export const parameterRules = {
  invalidRegistryName: violations.invalidRegistryName,
  unknownRegistry: 'is not one of the registries that Keyturn is configured for',
  invalidTokenName: violations.invalidTokenName,
  invalidFinding: 'is not one of the findings that there are',
  invalidStatus: `must be one of ${listedStatuses.map((status) => `\`${status}\``).join(', ')}`,
  invalidDuration: violations.invalidDuration,
  invalidInstant: violations.invalidInstant,
  withinAndBefore: 'must not be given together with `expiresBefore`',
  invalidPageSize: `must be a whole number from 1 to ${largestPageSize}`,
  invalidContinuation: 'must be the `continuation` of an earlier answer to the same query',
  unknownParameter: 'is not a parameter of this query',
} as const;

export type ParameterRule = keyof typeof parameterRules;

/** The parameters that there are: the form of each, and the rule that one of another form breaks. */
const parameters = {
  registry: { schema: registryNameSchema, rule: 'invalidRegistryName' },
  token: { schema: tokenNameSchema, rule: 'invalidTokenName' },
  finding: { schema: z.enum(findingNames), rule: 'invalidFinding' },
  status: { schema: z.enum(listedStatuses satisfies readonly Status[]), rule: 'invalidStatus' },
  expiringWithin: { schema: durationOrZeroSchema, rule: 'invalidDuration' },
  expiresBefore: { schema: instantSchema, rule: 'invalidInstant' },
  pageSize: {
    schema: z
      .string()
      .regex(/^\d{1,4}$/)
      .transform(Number)
      .pipe(z.int().min(1).max(largestPageSize)),
    rule: 'invalidPageSize',
  },
  continuation: { schema: z.string().regex(/^[A-Za-z0-9_-]{1,1000}$/), rule: 'invalidContinuation' },
} as const satisfies Record<string, { schema: z.ZodType; rule: ParameterRule }>;

export type ParameterName = keyof typeof parameters;
export type QueryOf<Name extends ParameterName> = {
  readonly [Each in Name]?: z.output<(typeof parameters)[Each]['schema']>;
};

/** The function key may be a parameter too; the host has looked at it already. */
const ignored = ['code'];

export function parameterError(parameter: string, code: ParameterRule): ParameterError {
  return { parameter, code, detail: parameterRules[code] };
}

/**
 * Reads the parameters that a question may have. A name that is repeated counts as one value with commas, as hosts join
 * them.
 *
 * @throws Problem `invalidQuery` with all that is wrong
 */
export function readQuery<Name extends ParameterName>(
  { query }: Pick<HttpQuestion, 'query'>,
  names: readonly Name[],
): QueryOf<Name> {
  const errors: ParameterError[] = [];
  const read: Record<string, unknown> = {};
  for (const [name, value] of joined(query)) {
    if (ignored.includes(name)) continue;
    const known = names.find((each) => each === name);
    const parsed = known && parameters[known].schema.safeParse(value);
    if (known && parsed?.success) read[known] = parsed.data;
    else errors.push(parameterError(shown(name), known ? parameters[known].rule : 'unknownParameter'));
  }
  if (errors.length > 0) throw new Problem('invalidQuery', errors);
  return read as QueryOf<Name>;
}

function joined(query: HttpQuestion['query']): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of query) {
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return values;
}

/** A name that we do not know may be anything. */
function shown(name: string): string {
  return name.length <= 50 ? name : `${name.slice(0, 50)}…`;
}
