import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { createPartApp, type PartApp } from '../http/serve.ts';
import type { AccessTokens } from '../identity/access-tokens.ts';
import type { StorageService } from './azurite-process.ts';
import { authenticateForStorage } from './storage-authentication.ts';
import { storageErrorAnswer } from './storage-error.ts';
import { storagePermission } from './storage-permission.ts';

export interface StorageProxy {
  readonly app: PartApp;
  /** Closes the connections to Azurite. */
  close(): void;
}

/** Headers that speak of one connection only, and so are not passed on. */
const connectionHeaders = new Set(['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'expect']);

/** Azurite keeps idle connections longer than this, so it never closes one that is about to be used. */
const idleMilliseconds = 30_000;

/**
 * Stands in front of one service of Azurite: refuses what Azure refuses and Azurite does not, and passes everything else
 * on as it comes, so that faults and the request history work for storage too.
 */
export function createStorageProxy(options: {
  readonly service: StorageService;
  /** Azurite's port on 127.0.0.1, and the authority of its certificate. */
  readonly azurite: { readonly port: number; readonly ca: string };
  readonly accessTokens: AccessTokens;
}): StorageProxy {
  const { service, azurite, accessTokens } = options;
  const agent = new Agent({
    keepAlive: true,
    timeout: idleMilliseconds,
    ca: azurite.ca,
    servername: 'localhost',
  });
  const app = createPartApp();
  app.all('*', async (context) => {
    const url = new URL(context.req.url);
    const authorization = context.req.header('authorization');
    const caller = await authenticateForStorage(service, accessTokens, authorization, url.searchParams);
    if (caller instanceof Response) return caller;
    context.set('identity', caller.name);
    context.set('operation', storagePermission(service, context.req.method, url.pathname));
    try {
      const answer = await forward(context.env.incoming as IncomingMessage, azurite.port, agent);
      return isFromStorage(answer) ? answer : invalidInput(service);
    } catch (error) {
      if (context.env.incoming.destroyed) return RESPONSE_ALREADY_SENT;
      process.stderr.write(
        `storage: ${service}: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      return storageErrorAnswer(service)({ status: 500 });
    }
  });
  return { app, close: () => agent.destroy() };
}

/** Azurite answers what it cannot read with an empty 400 or 500, where Azure says what is wrong, in its own shape. */
function isFromStorage({ status, headers }: Response): boolean {
  return status < 400 || headers.has('x-ms-request-id');
}

function invalidInput(service: StorageService): Response {
  const message = 'One of the request inputs is not valid.';
  return storageErrorAnswer(service)({ status: 400, code: 'InvalidInput', message });
}

/** Sends a request on to Azurite, and returns its answer as soon as its head is there. */
function forward(incoming: IncomingMessage, port: number, agent: Agent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      host: '127.0.0.1',
      port,
      method: incoming.method,
      path: incoming.url,
      headers: Object.fromEntries(
        Object.entries(incoming.headers).filter(([name]) => !connectionHeaders.has(name)),
      ),
    });
    outgoing.once('response', (answer) => resolve(toResponse(answer, incoming.method)));
    outgoing.once('error', reject);
    incoming.once('close', () => {
      if (!incoming.complete) outgoing.destroy();
    });
    incoming.pipe(outgoing);
  });
}

function toResponse(answer: IncomingMessage, method: string | undefined): Response {
  const headers = new Headers();
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = answer.rawHeaders.slice(i, i + 2);
    if (!connectionHeaders.has(name.toLowerCase()) && name.toLowerCase() !== 'transfer-encoding')
      headers.append(name, value);
  }
  const status = answer.statusCode ?? 500;
  if (method === 'HEAD' || status === 204 || status === 304) {
    answer.resume();
    return new Response(null, { status, headers });
  }
  return new Response(Readable.toWeb(answer) as ReadableStream<Uint8Array>, { status, headers });
}
