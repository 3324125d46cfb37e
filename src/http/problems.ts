import { answerOf, type HttpAnswer } from './http-answer.ts';

/** What can keep a question from being answered: a closed list, with its status, what it means and how to mend it. */
export const problems = {
  invalidQuery: {
    status: 400,
    title: 'The query cannot be read',
    mend: 'Correct the parameters that `errors` names.',
  },
  invalidKey: {
    status: 400,
    title: 'The key is not the key of a command',
    mend: 'Give the 64 hexadecimal digits that events show as `command.key`.',
  },
  notAuthenticated: {
    status: 401,
    title: 'It is not known who asks',
    mend: 'Sign in with an account of the organisation, or send an access token for this app.',
  },
  noReader: {
    status: 403,
    title: 'You may not see the tokens of any entrance',
    mend: 'Ask whoever runs Keyturn for one of the app roles that `http.readers` lists.',
  },
  tokenNotFound: {
    status: 404,
    title: 'There is no such token among those that you may see',
    mend: 'Check both names. A token that was just requested is there when its first plan is settled; ask for the request until then.',
  },
  requestNotFound: {
    status: 404,
    title: 'There is no such request among those that you may see',
    mend: 'Check the entrance and the key. A message that was set aside is no request: look into the queue of what was set aside.',
  },
  unexpected: {
    status: 500,
    title: 'Keyturn made a mistake',
    mend: 'Report it with the time of the request; the log has the place in the code.',
  },
  recordsUnavailable: {
    status: 503,
    title: 'The records cannot be read now',
    mend: 'Ask again later. If it stays so, `/api/health` says what is wrong.',
  },
} as const;

export type ProblemCode = keyof typeof problems;

/** What is wrong with one parameter. */
export interface ParameterError {
  readonly parameter: string;
  readonly code: string;
  readonly detail: string;
}

/** A question that cannot be answered. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: readonly ParameterError[];

  constructor(code: ProblemCode, errors: readonly ParameterError[] = []) {
    super(code);
    this.code = code;
    this.errors = errors;
  }
}

/** A problem as its caller gets it: problem details as RFC 9457 has them, with our code beside them. */
export function problemAnswer({ code, errors }: Pick<Problem, 'code' | 'errors'>): HttpAnswer {
  const { status, title, mend } = problems[code];
  const body = { title, status, code, detail: mend, ...(errors.length > 0 ? { errors } : {}) };
  return answerOf(status, body, 'application/problem+json');
}
