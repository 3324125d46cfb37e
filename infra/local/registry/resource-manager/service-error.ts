import type { ErrorAnswer } from '../../http/faults-and-history.ts';

/**
 * Who refuses: Azure Resource Manager itself (`gateway`), or the container registry's resource provider behind it (`service`),
 * whose errors also say `status: Failed`.
 */
export type ErrorSource = 'gateway' | 'service';

/** A request that is refused, as Azure Resource Manager answers it. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly source: ErrorSource;
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    source: ErrorSource,
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.source = source;
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  toResponse(headers: Readonly<Record<string, string>> = {}): Response {
    const error = { code: this.code, message: this.message };
    const body = this.source === 'gateway' ? { error } : { error, status: 'Failed' };
    return Response.json(body, {
      status: this.status,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-ms-failure-cause': this.source,
        ...headers,
        ...this.headers,
      },
    });
  }
}

/** @returns The registry's answer for a token or scope map that is not there. */
export function resourceNotFound(name: string): ServiceError {
  return new ServiceError('service', 404, 'ResourceNotFound', `The resource ${name} could not be found.`);
}

export function invalidRequestContent(problem: string): ServiceError {
  return new ServiceError(
    'gateway',
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${problem}'.`,
  );
}

const usualCodes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'AuthenticationFailed',
  403: 'AuthorizationFailed',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  429: 'SubscriptionRequestsThrottled',
  500: 'InternalServerError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

/** Builds Azure Resource Manager's answer for injected faults and unexpected errors. */
export const resourceManagerErrorAnswer: ErrorAnswer = ({ status, code, message, headers }) =>
  new ServiceError(
    'gateway',
    status,
    code ?? usualCodes[status] ?? 'Error',
    message ?? `The local cloud answered status ${status}.`,
    headers,
  ).toResponse();
