import { isFailure } from '../ports/service-failure.ts';
import { troubleOf } from '../ports/trouble.ts';
import { callerOf } from './caller.ts';
import type { HttpAnswer, HttpQuestion } from './http-answer.ts';
import type { HttpPorts } from './http-ports.ts';
import { listFindings } from './list-findings.ts';
import { listTokens } from './list-tokens.ts';
import { Problem, problemAnswer } from './problems.ts';
import { showHealth } from './show-health.ts';
import { showRequest } from './show-request.ts';
import { showSummary } from './show-summary.ts';
import { showToken } from './show-token.ts';

export interface HttpRoute {
  readonly functionName: string;
  /** Below the host's prefix, `/api`. */
  readonly route: string;
  /** Never throws: what goes wrong is an answer too. */
  readonly answer: (question: HttpQuestion, ports: HttpPorts) => Promise<HttpAnswer>;
}

type Answer = HttpRoute['answer'];

/** The whole HTTP interface. It only reads. */
export const httpRoutes: readonly HttpRoute[] = [
  { functionName: 'http_tokens', route: 'tokens', answer: orProblem(forCaller(listTokens)) },
  { functionName: 'http_token', route: 'tokens/{registry}/{token}', answer: orProblem(forCaller(showToken)) },
  {
    functionName: 'http_request',
    route: 'requests/{entrance}/{key}',
    answer: orProblem(forCaller(showRequest)),
  },
  { functionName: 'http_findings', route: 'findings', answer: orProblem(forCaller(listFindings)) },
  { functionName: 'http_summary', route: 'summary', answer: orProblem(forCaller(showSummary)) },
  { functionName: 'http_health', route: 'health', answer: orProblem(showHealth) },
];

function forCaller(
  answer: (
    question: HttpQuestion,
    caller: ReturnType<typeof callerOf>,
    ports: HttpPorts,
  ) => Promise<HttpAnswer>,
): Answer {
  return async (question, ports) => answer(question, callerOf(ports.configuration.http, question), ports);
}

function orProblem(answer: Answer): Answer {
  return async (question, ports) => {
    try {
      return await answer(question, ports);
    } catch (error) {
      if (error instanceof Problem) return problemAnswer(error);
      ports.report(troubleOf(error));
      return isFailure(error)
        ? unavailable(error.retryAt, ports)
        : problemAnswer({ code: 'unexpected', errors: [] });
    }
  };
}

const usualPause = 30;

function unavailable(retryAt: string | undefined, { clock }: HttpPorts): HttpAnswer {
  const answer = problemAnswer({ code: 'recordsUnavailable', errors: [] });
  const pause = retryAt === undefined ? usualPause : (Date.parse(retryAt) - clock.now().getTime()) / 1_000;
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(Math.max(1, Math.ceil(pause))) } };
}
