import type { RunningCloud } from '../../../infra/local/cloud.ts';
import type { TappedRequest } from './request-tap.ts';

/** What was sent to one endpoint, without that which may hold a password there. */
export interface SentRequest {
  readonly endpoint: string;
  readonly bytes: Buffer;
}

/**
 * The requests to the local cloud's endpoints. A password may be in the header by which somebody logs in, and in the
 * value of a secret that is written to the vault; nowhere else. The control API is not a part of the cloud.
 */
export function sentRequests(
  requests: readonly TappedRequest[],
  { endpoints }: Pick<RunningCloud, 'endpoints'>,
): SentRequest[] {
  return requests.flatMap((request) => {
    const endpoint = endpoints.find(([, , address]) => portOf(address) === request.port)?.[1];
    if (endpoint === undefined || endpoint === 'control API') return [];
    return [{ endpoint, bytes: bytesOf(withoutPassword(endpoint, request)) }];
  });
}

function withoutPassword(endpoint: string, request: TappedRequest): TappedRequest {
  if (endpoint.startsWith('login-server')) {
    const { authorization: _login, ...headers } = request.headers;
    return { ...request, headers };
  }
  if (!endpoint.startsWith('key vault') || request.method !== 'PUT' || request.body.length === 0)
    return request;
  const { value: _value, ...secret } = JSON.parse(request.body.toString()) as Record<string, unknown>;
  return { ...request, body: Buffer.from(JSON.stringify(secret)) };
}

function bytesOf({ method, url, headers, body }: TappedRequest): Buffer {
  return Buffer.concat([Buffer.from(`${method} ${url}\n${JSON.stringify(headers)}\n`), body]);
}

function portOf(address: string): number {
  return Number(new URL(address).port);
}
