import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import type { CallLimits } from '../ports/call-limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { LoginServer, LoginVerdict } from '../ports/login-server.ts';
import { isFailure } from '../ports/service-failure.ts';
import { codeOfStatus, retryAt } from './azure-error.ts';
import { type Caller, callOnce } from './call.ts';

export interface AcrLoginServerOptions {
  /** Host, and port if any. */
  readonly loginServer: string;
  readonly clock: Clock;
}

const timeLimit = 20_000;
const mostBytes = 64_000;

/** The token endpoint of a registry's login server. */
export class AcrLoginServer implements LoginServer {
  readonly #loginServer: string;
  readonly #caller: Caller;

  constructor({ loginServer, clock }: AcrLoginServerOptions) {
    this.#loginServer = loginServer;
    this.#caller = { service: 'loginServer', clock, timeLimit };
  }

  async tryLogin(username: string, password: string, limits: CallLimits = {}): Promise<LoginVerdict> {
    const service = encodeURIComponent(this.#loginServer);
    const url = `https://${this.#loginServer}/oauth2/token?service=${service}`;
    try {
      return await callOnce(this.#caller, 'tryLogin', limits, async (signal) =>
        this.#verdictOf(await ask(url, basic(username, password), signal)),
      );
    } catch (error) {
      if (!isFailure(error) || error.code === 'cancelled') throw error;
      return { verdict: 'unknown', why: error.code };
    }
  }

  #verdictOf({ status, body, retryAfter }: Answer): LoginVerdict {
    if (status === 401) return { verdict: 'refused' };
    if (status === 200 && holdsAccessToken(body)) return { verdict: 'accepted' };
    const later = retryAt(retryAfter, this.#caller.clock);
    return {
      verdict: 'unknown',
      why: codeOfStatus(status),
      status,
      ...(later === undefined ? {} : { retryAt: later }),
    };
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** One GET on a connection, and a TLS session, of its own. Redirects are not followed: they could lead anywhere. */
async function ask(url: string, authorization: string, signal: AbortSignal): Promise<Answer> {
  const agent = new Agent({ keepAlive: false, maxCachedSessions: 0 });
  const answer = await respond(url, {
    agent,
    signal,
    headers: { authorization, accept: 'application/json' },
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) break;
    chunks.push(chunk);
  }
  return {
    status: answer.statusCode ?? 0,
    body: Buffer.concat(chunks).toString(),
    retryAfter: answer.headers['retry-after'],
  };
}

function respond(url: string, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, options, resolve).on('error', reject).end();
  });
}

/** Anything may answer 200 in the place of a registry; only one that hands out a token has looked at the password. */
function holdsAccessToken(body: string): boolean {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null && 'access_token' in answer;
  } catch {
    return false;
  }
}
