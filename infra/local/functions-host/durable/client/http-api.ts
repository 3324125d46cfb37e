import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { DurableEngine } from '../engine/durable-engine.ts';
import { StoreUnreachable } from '../store/store-unreachable.ts';
import { emptyAnswer, exceptionAnswer } from './answers.ts';
import { ClientError } from './client-error.ts';
import { InstanceRoutes } from './instance-routes.ts';
import { rpcPath, webhookPath } from './management-urls.ts';

export interface DurableHttpApiOptions {
  /** The system key that the public endpoints ask for, as query `code` or header `x-functions-key`. */
  readonly key: string;
  /** The name of the storage connection; it only shows in links. */
  readonly connectionName?: string;
}

type ApiApp = Hono<{ Bindings: HttpBindings }>;

/**
 * The Durable Task extension's HTTP API: under `/durabletask/…` for the client in the worker, which must be on this machine,
 * and under `/runtime/webhooks/durabletask/…` for whoever has the key. Both answer alike.
 */
export function durableHttpApi(engine: DurableEngine, options: DurableHttpApiOptions): ApiApp {
  const routes = new InstanceRoutes(engine, options);
  const app: ApiApp = new Hono<{ Bindings: HttpBindings }>({ strict: false });
  app.all(`${rpcPath}/*`, (context) => {
    if (!isLocal(context.env?.incoming?.socket.remoteAddress)) return emptyAnswer(404);
    return answer(routes, context, rpcPath);
  });
  app.all(`${webhookPath}/*`, (context) => {
    const key = context.req.query('code') ?? context.req.header('x-functions-key');
    if (key !== options.key) return emptyAnswer(401);
    return answer(routes, context, webhookPath);
  });
  return app;
}

async function answer(routes: InstanceRoutes, { req }: Context, base: string): Promise<Response> {
  try {
    return await routes.answer(req.raw, base);
  } catch (error) {
    if (error instanceof ClientError && error.exceptionType === 'System.ArgumentException')
      return exceptionAnswer(
        400,
        'One or more of the arguments submitted is incorrect',
        error.exceptionType,
        error.message,
      );
    if (error instanceof ClientError) return somethingWentWrong(error.exceptionType, error.message);
    if (error instanceof StoreUnreachable)
      return somethingWentWrong('Azure.RequestFailedException', error.message);
    throw error;
  }
}

function somethingWentWrong(exceptionType: string, message: string): Response {
  return exceptionAnswer(500, 'Something went wrong while processing your request', exceptionType, message);
}

/** Without an address the request was made inside this process. */
function isLocal(address: string | undefined): boolean {
  return address === undefined || /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}
