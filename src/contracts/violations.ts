import type { z } from 'zod';

/**
 * What can be wrong with one field of a message or of the configuration: a code, and what it asks for.
 * The codes are a closed list: they appear in rejections, start-up errors and the documentation.
 */
export const violations = {
  missing: 'is required',
  wrongType: 'has the wrong JSON type',
  unknownField: 'is, or holds, a field that is not known',
  notOneOf: 'is not one of the values allowed here',
  tooLong: 'is too long, too large or has too many entries',
  tooShort: 'is too short, too small or has too few entries',
  invalidFormat: 'does not have the form asked for',
  invalidRegistryName:
    'must be 5 to 50 letters and digits, with single hyphens between them; in the configuration in lower case',
  invalidTokenName: 'must be 5 to 50 letters, digits and hyphens, starting with a letter',
  invalidScopeMapName: 'must be 5 to 50 letters, digits, hyphens and underscores',
  invalidRepository: 'must be a repository name, or a wildcard as the whole last segment (`team/*`, `*`)',
  invalidSecretName: 'must be 1 to 127 letters, digits and hyphens, starting with a letter',
  invalidOwner:
    'must be 1 to 128 letters, digits and `.` `_` `@` `/` `+` `:` `-`, starting with a letter or digit',
  invalidEntranceName: 'must be 3 to 50 lower-case letters, digits and hyphens, starting with a letter',
  invalidText: 'must be a short text without control characters',
  invalidDuration:
    'must be an ISO 8601 duration of weeks, days, hours, minutes and whole seconds, such as `P60D`',
  invalidInstant: 'must be an ISO 8601 date and time with its offset, such as `2026-03-01T12:00:00Z`',
  dateTooLate: 'must not be after 2038-01-18',
  tooManyActions: 'must not come to more than 500 actions, the limit of a scope map',
  lifetimeAndExpiresAt: 'must not be given together with `expiresAt`',
  overlapNotBelowRotateEvery: 'must be shorter than `rotateEvery`',
  overlapBelowMinimum: 'must be at least `minimumOverlap`',
  zeroNeedsCompromised: 'may be zero only with `compromised`',
  invalidVaultName: 'must be 3 to 24 lower-case letters, digits and single hyphens, starting with a letter',
  invalidRegistryId: 'must be the resource id of a container registry',
  invalidHost: 'must be a host name in lower case, without scheme or path',
  invalidUrl: 'must be an https URL',
  invalidSchedule: 'must be an NCRONTAB expression of six fields, in UTC',
  invalidCrontab: 'must be an NCRONTAB expression of six fields that comes up at some time',
  invalidTimeZone: 'must be the name of a time zone in the IANA database, such as `Europe/Berlin`',
  invalidTimeOfDay: 'must be a time of day from `00:00` to `23:59`',
  invalidBusName: 'must be a lower-case name that Service Bus allows for a queue or topic',
  nothingToChange: 'must add or remove something',
} as const;

export type Violation = keyof typeof violations;

/** One thing that is wrong: where (a path such as `data.access.repositories.*[0]`), and what. */
export interface Problem {
  readonly path: string;
  readonly violation: Violation;
  /** What may stand there instead, where that is a list; only told to those who may see the names of fields. */
  readonly allowed?: readonly string[];
}

/** The zod error that carries one of our codes, so that `problemsOf` finds it again. */
export function violation(code: Violation): { error: Violation } {
  return { error: code };
}

const violationOfZodCode: Readonly<Record<string, Violation>> = {
  unrecognized_keys: 'unknownField',
  invalid_value: 'notOneOf',
  invalid_union: 'notOneOf',
  too_big: 'tooLong',
  too_small: 'tooShort',
};

/**
 * The problems that zod found, in our codes. Of what was parsed, nothing but field names goes through,
 * and of those only the ones in `knownNames`: keys are chosen by the sender too, so any other is shown as `*`.
 * Parse with `{ reportInput: true }`, so that what is missing can be told from what has the wrong type.
 */
export function problemsOf(error: z.ZodError, knownNames?: ReadonlySet<string>): Problem[] {
  return problemsOfIssues(error.issues, [], knownNames);
}

function problemsOfIssues(
  issues: readonly z.core.$ZodIssue[],
  above: readonly PropertyKey[],
  knownNames?: ReadonlySet<string>,
): Problem[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    const meant = issue.code === 'invalid_union' ? meantAlternative(issue) : undefined;
    if (meant) return problemsOfIssues(meant, path, knownNames);
    if (issue.code === 'unrecognized_keys' && !knownNames)
      return issue.keys.map((key) => ({
        path: pathText([...path, key]),
        violation: 'unknownField' as const,
      }));
    const problem = { path: pathText(path, knownNames), violation: violationOf(issue) };
    const isList = issue.code === 'invalid_value' && problem.violation === 'notOneOf' && !knownNames;
    return [isList ? { ...problem, allowed: issue.values.map(String) } : problem];
  });
}

/** Of several forms, the only one that knows all fields that were given. */
function meantAlternative(union: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const fitting = union.errors.filter((issues) =>
    issues.every(({ code, path }) => code !== 'unrecognized_keys' || path.length > 0),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function violationOf(issue: z.core.$ZodIssue): Violation {
  if (issue.code === 'invalid_key') {
    const inner = issue.issues[0];
    return inner ? violationOf(inner) : 'invalidFormat';
  }
  if (issue.code === 'invalid_type') return issue.input === undefined ? 'missing' : 'wrongType';
  if (isViolation(issue.message)) return issue.message;
  return violationOfZodCode[issue.code] ?? 'invalidFormat';
}

function isViolation(text: string): text is Violation {
  return Object.hasOwn(violations, text);
}

function pathText(path: readonly PropertyKey[], knownNames?: ReadonlySet<string>): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += `.${!knownNames || knownNames.has(String(part)) ? String(part) : '*'}`;
  }
  return text.replace(/^\./, '');
}
