import type { ErrorAnswer } from '../../http/faults-and-history.ts';

/** A request that the login server refuses, in the shape of the OCI distribution specification. */
export class LoginServerError extends Error {
  override readonly name = 'LoginServerError';
  readonly status: number;
  readonly code: string;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { detail?: unknown; headers?: Readonly<Record<string, string>> | undefined } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.detail = more.detail;
    this.headers = more.headers ?? {};
  }

  toResponse(): Response {
    const { code, message, detail } = this;
    const error = detail === undefined ? { code, message } : { code, message, detail };
    return Response.json(
      { errors: [error] },
      {
        status: this.status,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'docker-distribution-api-version': 'registry/2.0',
          ...this.headers,
        },
      },
    );
  }
}

/** @returns What the login server answers to who is not, or not enough, authenticated. */
export function unauthorized(
  message = 'authentication required, visit https://aka.ms/acr/authorization for more information.',
  more: { detail?: unknown; headers?: Readonly<Record<string, string>> } = {},
): LoginServerError {
  return new LoginServerError(401, 'UNAUTHORIZED', message, more);
}

export function unsupported(what: string): LoginServerError {
  return new LoginServerError(405, 'UNSUPPORTED', `The local login server does not support ${what}.`);
}

const usualCodes: Readonly<Record<number, string>> = {
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  404: 'NAME_UNKNOWN',
  405: 'UNSUPPORTED',
  429: 'TOOMANYREQUESTS',
  503: 'UNAVAILABLE',
};

/** Builds the login server's answer for injected faults, unknown paths and unexpected errors. */
export const loginServerErrorAnswer: ErrorAnswer = ({ status, code, message, headers }) =>
  new LoginServerError(
    status,
    code ?? usualCodes[status] ?? 'UNKNOWN',
    message ?? `The local login server answered status ${status}.`,
    { headers },
  ).toResponse();
