import { randomUUID } from 'node:crypto';
import { createPartApp, type PartApp, type PartRequest } from '../../http/serve.ts';
import type { AccessTokens } from '../../identity/access-tokens.ts';
import type { Identity } from '../../identity/identities.ts';
import type { RegistryStore } from '../registry-store.ts';
import { callerHeaders, commonHeaders } from './answer-headers.ts';
import { checkApiVersion, requireApiVersion } from './api-versions.ts';
import { authenticate, authorize } from './caller.ts';
import { checkSubscription, findRegistry } from './find-registry.ts';
import type { Operations } from './operations.ts';
import { readJson } from './read-json.ts';
import type { RequestLimits } from './request-limits.ts';
import { parseResourcePath, type ResourcePath } from './resource-path.ts';
import type { Answer, ResourceRequest } from './resource-request.ts';
import { findRoute, type Route } from './routes.ts';
import { ServiceError } from './service-error.ts';

export interface ResourceManagerDependencies {
  readonly store: RegistryStore;
  readonly operations: Operations;
  readonly limits: RequestLimits;
  readonly accessTokens: AccessTokens;
}

/** What is known of a request that was let in. */
interface Admission {
  readonly url: URL;
  readonly apiVersion: string;
  readonly identity: Identity;
  readonly path: ResourcePath;
  readonly route: Route;
}

/** Azure Resource Manager, with nothing behind it but the container registry's resource provider. */
export function createResourceManagerApp(dependencies: ResourceManagerDependencies): PartApp {
  const app = createPartApp();
  app.all('*', async (context) => {
    const correlationId = context.req.header('x-ms-correlation-request-id') ?? randomUUID();
    const headers: Record<string, string> = commonHeaders(context, correlationId, dependencies.store);
    try {
      const admission = await admit(context, correlationId, headers, dependencies);
      return toResponse(await answer(context, correlationId, admission, dependencies), headers);
    } catch (error) {
      if (error instanceof ServiceError) return error.toResponse(headers);
      throw error;
    }
  });
  return app;
}

/** Checks, in Azure's order, what has nothing to do with the resource itself. */
async function admit(
  context: PartRequest,
  correlationId: string,
  headers: Record<string, string>,
  { store, limits, accessTokens }: ResourceManagerDependencies,
): Promise<Admission> {
  const { method } = context.req;
  const { settings, clock, config } = store;
  const url = new URL(context.req.url);
  const apiVersion = requireApiVersion(url);
  const identity = await authenticate(accessTokens, context.req.header('authorization'));
  const { objectId } = identity;
  context.set('identity', identity.name);
  Object.assign(headers, callerHeaders(identity, correlationId, store));
  const path = parseResourcePath(url.pathname);
  checkSubscription(path, store);
  const { subscriptionId } = path;
  Object.assign(headers, limits.take({ method, objectId, subscriptionId, settings, now: clock.now() }));
  const route = findRoute(method, path.namespace, path.pattern);
  context.set('operation', route.action);
  checkApiVersion(apiVersion, path, config.location);
  if (route.needsPermission?.(settings) ?? true) authorize(identity, route.action, scopeOf(url, path));
  return { url, apiVersion, identity, path, route };
}

async function answer(
  context: PartRequest,
  correlationId: string,
  { url, apiVersion, identity, path, route }: Admission,
  { store, operations }: ResourceManagerDependencies,
): Promise<Answer> {
  const { method, raw } = context.req;
  const clientRequestId = context.req.header('x-ms-client-request-id');
  const request: ResourceRequest = {
    store,
    operations,
    url,
    apiVersion,
    resourceGroup: path.resourceGroup,
    names: path.names,
    body: route.readsBody ? await readJson(raw) : undefined,
    identity,
    clientRequestId,
  };
  const given = answerByRoute(route, request, method);
  if (given.changed !== undefined)
    store.report({
      operationName: route.action,
      resourceId: given.changed,
      created: given.created ?? false,
      identity,
      method,
      url: url.href,
      clientAddress: context.env?.incoming?.socket.remoteAddress,
      clientRequestId,
      correlationId,
      at: store.clock.now(),
    });
  return given;
}

function answerByRoute(route: Route, request: ResourceRequest, method: string): Answer {
  if ('answerWithoutRegistry' in route) return route.answerWithoutRegistry(request);
  return route.answer({ ...request, registry: findRegistry(request, method) });
}

/** The resource that a permission is needed on: actions and lists are asked of what they belong to. */
function scopeOf(url: URL, { pattern }: ResourcePath): string {
  const path = decodeURI(url.pathname);
  return pattern.endsWith('*') ? path : path.slice(0, path.lastIndexOf('/'));
}

function toResponse({ status, body, headers }: Answer, common: Record<string, string>): Response {
  const all = new Headers({ ...common, ...headers });
  if (body === undefined) {
    if (status !== 204) all.set('content-length', '0');
    return new Response(null, { status, headers: all });
  }
  all.set('content-type', 'application/json; charset=utf-8');
  return new Response(JSON.stringify(body), { status, headers: all });
}
