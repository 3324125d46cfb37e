import type { TokenCredential } from '@azure/identity';
import { azureError } from '../../adapters/azure-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ServiceName } from '../../ports/service-failure.ts';

/** Whose access token is shown, and where. */
export interface Asker {
  readonly service: ServiceName;
  readonly credential: TokenCredential;
  readonly scope: string;
  readonly clock: Clock;
  /** Beside the token. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

export interface Question {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  readonly url: string;
  readonly body?: unknown;
}

export interface Reply {
  readonly status: number;
  /** The service's own codes, outermost first; only to be compared with known ones. */
  readonly codes: readonly string[];
  /** Undefined: it was no JSON. */
  readonly json: unknown;
}

/** Asks once and takes any status for an answer. @throws ServiceFailure if there is none */
export async function ask(
  { service, credential, scope, clock, headers }: Asker,
  { method, url, body }: Question,
  signal: AbortSignal,
): Promise<Reply> {
  try {
    const token = await credential.getToken(scope, { abortSignal: signal });
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      signal,
      headers: {
        ...headers?.(),
        authorization: `Bearer ${token?.token ?? ''}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = parseJson(await answer.text());
    return { status: answer.status, codes: codesIn(json), json };
  } catch (error) {
    throw azureError(service, 'ask', error, clock);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codesIn(json: unknown): string[] {
  const error = field(json, 'error');
  const inner = field(error, 'innererror') ?? field(error, 'innerError');
  return [field(error, 'code'), field(inner, 'code')].filter((code) => typeof code === 'string');
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
