import { lookup as lookUpName } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AlertSink } from '../configuration/alert-sinks.ts';
import type { Webhook, WebhookFailure, WebhookMessage, WebhookResult } from '../ports/webhook.ts';
import { codesOf, nameOf } from './error-fields.ts';
import { isPublicAddress, isWithin } from './public-address.ts';

/** How an https webhook is reached; tests are less patient, and look names up elsewhere. */
export interface HttpsWebhookOptions {
  /** In milliseconds. */
  readonly timeLimit?: number;
  readonly lookUp?: typeof lookUpName;
}

const defaultTimeLimit = 10_000;
/** Bytes of an answer that are read before the connection is cut; nothing of them is looked at. */
const mostBytes = 64 * 1_024;

/** Told by our own look-up of names, in place of an address. */
const notAllowed = 'KEYTURN_ADDRESS_NOT_ALLOWED';

/**
 * Posts over https, and only to addresses that a sink may have: they are checked where the connection takes them from, so
 * that no name can lead elsewhere after it was checked. Redirects are not followed, proxies of the environment not used.
 */
export class HttpsWebhook implements Webhook {
  readonly #timeLimit: number;
  readonly #lookUp: typeof lookUpName;

  constructor({ timeLimit = defaultTimeLimit, lookUp = lookUpName }: HttpsWebhookOptions = {}) {
    this.#timeLimit = timeLimit;
    this.#lookUp = lookUp;
  }

  async post(sink: AlertSink, message: WebhookMessage): Promise<WebhookResult> {
    const { url, allowedHosts, privateAddresses } = sink;
    if (!url) return failed('addressUnknown');
    if (url.protocol !== 'https:' || !allowedHosts.includes(url.host)) return failed('hostNotAllowed');
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0 && !isAllowed(host, privateAddresses)) return failed('addressNotAllowed');
    const timeOut = AbortSignal.timeout(this.#timeLimit);
    try {
      const status = await send(message, timeOut, {
        host,
        port: url.port || 443,
        path: `${url.pathname}${url.search}`,
        lookup: lookUpAllowed(this.#lookUp, privateAddresses),
      });
      return resultOf(status);
    } catch (error) {
      return failed(timeOut.aborted ? 'timedOut' : failureOf(error));
    }
  }
}

function isAllowed(address: string, privateAddresses: readonly string[]): boolean {
  return isPublicAddress(address) || isWithin(address, privateAddresses);
}

/** Looks a name up as usual, and leaves out the addresses that are not allowed. */
function lookUpAllowed(lookUp: typeof lookUpName, privateAddresses: readonly string[]): LookupFunction {
  return (hostname, options, done) => {
    lookUp(hostname, { ...options, all: true }, (error, found) => {
      const allowed = (found ?? []).filter(({ address }) => isAllowed(address, privateAddresses));
      const [first] = allowed;
      if (error) done(error, '');
      else if (!first) done(Object.assign(new Error('No address is allowed.'), { code: notAllowed }), '');
      else if (options.all) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}

/** The status of the answer. A connection of its own, that ends with it. */
function send(
  { contentType, headers, body }: WebhookMessage,
  signal: AbortSignal,
  where: RequestOptions,
): Promise<number> {
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    const sending = request(
      {
        ...where,
        agent,
        method: 'POST',
        signal,
        headers: {
          'content-type': contentType,
          'content-length': bytes.length,
          'user-agent': 'keyturn',
          ...headers,
        },
      },
      (answer) => readToEnd(answer, resolve, reject),
    );
    sending.on('error', reject);
    sending.end(bytes);
  });
}

function readToEnd(
  answer: IncomingMessage,
  resolve: (status: number) => void,
  reject: (error: unknown) => void,
): void {
  const status = answer.statusCode ?? 0;
  let length = 0;
  answer.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= mostBytes) return;
    resolve(status);
    answer.destroy();
  });
  answer.on('end', () => resolve(status));
  answer.on('error', reject);
}

function resultOf(status: number): WebhookResult {
  if (status >= 200 && status < 300) return { ok: true };
  if (status >= 300 && status < 400) return failed('redirected', status);
  if (status >= 500) return failed('outOfOrder', status);
  if (status === 429) return failed('throttled', status);
  return failed([401, 403, 404, 410].includes(status) ? 'denied' : 'refused', status);
}

function failed(code: WebhookFailure, status?: number): WebhookResult {
  return { ok: false, code, ...(status === undefined ? {} : { status }) };
}

const notTrusted = /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_CERT_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** Reads no more of the error than its code and name: its message holds the address. */
function failureOf(error: unknown): WebhookFailure {
  const codes = codesOf(error);
  if (codes.includes(notAllowed)) return 'addressNotAllowed';
  if (codes.some((code) => code === 'ENOTFOUND' || code === 'EAI_AGAIN')) return 'nameNotResolved';
  if (codes.some((code) => notTrusted.test(code))) return 'notTrusted';
  return nameOf(error) === 'AbortError' ? 'timedOut' : 'notConnected';
}
