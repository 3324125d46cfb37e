import { randomUUID } from 'node:crypto';
import { createPartApp, type PartApp, type PartRequest } from '../../http/serve.ts';
import type { AccessTokens } from '../../identity/access-tokens.ts';
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

/** Azure Resource Manager, with nothing behind it but the container registry's resource provider. */
export function createResourceManagerApp(dependencies: ResourceManagerDependencies): PartApp {
  const app = createPartApp();
  app.all('*', async (context) => {
    const correlationId = context.req.header('x-ms-correlation-request-id') ?? randomUUID();
    const headers: Record<string, string> = commonHeaders(context, correlationId, dependencies.store);
    try {
      const answer = await answerRequest(context, correlationId, headers, dependencies);
      return toResponse(answer, headers);
    } catch (error) {
      if (error instanceof ServiceError) return error.toResponse(headers);
      throw error;
    }
  });
  return app;
}

async function answerRequest(
  context: PartRequest,
  correlationId: string,
  headers: Record<string, string>,
  { store, operations, limits, accessTokens }: ResourceManagerDependencies,
): Promise<Answer> {
  const url = new URL(context.req.url);
  const { method } = context.req;
  const apiVersion = requireApiVersion(url);
  const identity = await authenticate(accessTokens, context.req.header('authorization'));
  context.set('identity', identity.name);
  const path = parseResourcePath(url.pathname);
  checkSubscription(path, store);
  const { subscriptionId } = path;
  const { settings } = store;
  const now = store.clock.now();
  Object.assign(headers, callerHeaders(identity, correlationId, store));
  Object.assign(headers, limits.take({ method, objectId: identity.objectId, subscriptionId, settings, now }));
  const route = findRoute(method, path.pattern);
  context.set('operation', route.action);
  checkApiVersion(apiVersion, path.pattern.replaceAll('/*', ''), store.config.location);
  if (route.needsPermission?.(settings) ?? true) authorize(identity, route.action, scopeOf(url, path));
  const clientRequestId = context.req.header('x-ms-client-request-id');
  const request: ResourceRequest = {
    store,
    operations,
    url,
    apiVersion,
    resourceGroup: path.resourceGroup,
    names: path.names,
    body: route.readsBody ? await readJson(context.req.raw) : undefined,
    identity,
    clientRequestId,
  };
  const answer = answerByRoute(route, request, method);
  if (answer.changed !== undefined && method !== 'GET')
    store.report({
      operationName: route.action,
      resourceId: answer.changed,
      identity,
      clientRequestId,
      correlationId,
      at: now,
    });
  return answer;
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
