import { getRequestListener } from '@hono/node-server';
import type { RunningApp } from '../app/start-app.ts';
import { rpcPath, webhookPath } from '../durable/client/management-urls.ts';
import { handleAdmin } from './admin-api.ts';
import type { HostKeys } from './host-keys.ts';
import type { RequestHandler } from './host-server.ts';
import { answer } from './http-response.ts';

export interface RequestHandlersOptions {
  readonly app: RunningApp;
  readonly keys: HostKeys;
  readonly hostVersion: string;
  readonly environment: Readonly<Record<string, string>>;
}

const homepage = '<!DOCTYPE html><html><body><h1>Your Functions 4.0 app is up and running</h1></body></html>';

/** Who answers requests, in the order in which they are asked. */
export function requestHandlers({
  app,
  keys,
  hostVersion,
  environment,
}: RequestHandlersOptions): RequestHandler[] {
  const admin = { keys, hostId: 'local', hostVersion, run: app.runByHand };
  const isHomepageDisabled = environment.AzureWebJobsDisableHomepage?.toLowerCase() === 'true';
  return [
    durableHandler(app),
    async (request, response, target) => {
      if (target.path.split('/')[0] !== 'admin') return false;
      await handleAdmin(request, response, target, admin);
      return true;
    },
    (request, response, target) => app.http.handle(request, response, target),
    async (request, response, target) => {
      if (target.path !== '') return false;
      request.resume();
      if (isHomepageDisabled) answer(response, 204);
      else answer(response, 200, homepage, 'text/html');
      return true;
    },
  ];
}

function durableHandler({ durableApi }: RunningApp): RequestHandler {
  if (!durableApi) return async () => false;
  const listener = getRequestListener(durableApi.fetch, { overrideGlobalObjects: false });
  const bases = [rpcPath, webhookPath].map((base) => base.slice(1));
  return async (request, response, { path }) => {
    if (!bases.some((base) => path === base || path.startsWith(`${base}/`))) return false;
    await listener(request, response);
    return true;
  };
}
