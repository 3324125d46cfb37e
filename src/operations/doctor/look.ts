import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../ports/clock.ts';

/** What a service answers to somebody who does not say who they are. */
export interface Look {
  readonly status: number;
  readonly headers: Headers;
  /** How far the service's clock is ahead of ours, in milliseconds; negative if it is behind. To about a second. */
  readonly clockAhead: number | undefined;
}

/** Nothing answered. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

/** How Node calls connections that were not made. What is not listed is not shown. */
const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not resolve (ENOTFOUND)',
  EAI_AGAIN: 'its name does not resolve (EAI_AGAIN)',
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ECONNRESET: 'the connection was cut (ECONNRESET)',
  EPIPE: 'the connection was cut (EPIPE)',
  UND_ERR_SOCKET: 'the connection was cut (UND_ERR_SOCKET)',
  EHOSTUNREACH: 'there is no way there (EHOSTUNREACH)',
  ENETUNREACH: 'there is no way there (ENETUNREACH)',
  ETIMEDOUT: 'no answer, as from behind a firewall (ETIMEDOUT)',
  UND_ERR_CONNECT_TIMEOUT: 'no answer, as from behind a firewall (UND_ERR_CONNECT_TIMEOUT)',
  UND_ERR_HEADERS_TIMEOUT: 'it takes the request and does not answer (UND_ERR_HEADERS_TIMEOUT)',
  ABORT_ERR: 'no answer in time, as from behind a firewall',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted here (DEPTH_ZERO_SELF_SIGNED_CERT)',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted here (SELF_SIGNED_CERT_IN_CHAIN)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted here (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is not trusted here (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)',
  CERT_HAS_EXPIRED: 'its certificate has expired (CERT_HAS_EXPIRED)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another name (ERR_TLS_CERT_ALTNAME_INVALID)',
  ERR_INVALID_URL: 'its address is none (ERR_INVALID_URL)',
};

/** One GET without credentials. Redirects are not followed. @throws Unreachable */
export async function look(url: string, clock: Clock, signal: AbortSignal): Promise<Look> {
  const before = clock.now().getTime();
  try {
    const { status, headers, body } = await fetch(url, { redirect: 'manual', signal });
    await body?.cancel();
    const middle = (before + clock.now().getTime()) / 2;
    return { status, headers, clockAhead: clockAhead(headers.get('date'), middle) };
  } catch (error) {
    throw new Unreachable(reasonOf(error));
  }
}

/** The header has whole seconds, cut off: on average half a second less than it was. */
function clockAhead(date: string | null, now: number): number | undefined {
  const told = Date.parse(date ?? '');
  return Number.isNaN(told) ? undefined : Math.round(told + 500 - now);
}

/** Connects, and hangs up. @throws Unreachable */
export async function knock(host: string, port: number, secure: boolean, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket: Socket = secure
    ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }) }, resolve)
    : connectPlain({ host, port }, resolve);
  const giveUp = () => reject(new Unreachable(reasons.ABORT_ERR ?? ''));
  signal.addEventListener('abort', giveUp, { once: true });
  socket.once('error', (error) => reject(new Unreachable(reasonOf(error))));
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
    socket.destroy();
  }
}

function reasonOf(error: unknown): string {
  for (let each = error; each instanceof Error; each = each.cause) {
    const known = reasons['code' in each ? String(each.code) : ''];
    if (known) return known;
    if (each.name === 'AbortError' || each.name === 'TimeoutError') return reasons.ABORT_ERR ?? '';
  }
  return 'the connection could not be made';
}
