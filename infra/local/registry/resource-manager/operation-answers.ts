import { createHash, randomBytes } from 'node:crypto';
import type { Operation } from './operations.ts';
import { type Answer, ownName, type RegistryRequest, type ResourceRequest } from './resource-request.ts';
import { resourceNotFound, ServiceError } from './service-error.ts';

/** Stands for the signing certificate in poll URLs, which makes them as long as the real ones. */
const certificate = randomBytes(2250).toString('base64url');

/** Starts the operation behind a write and answers it as the settings say. `apply` runs unless the operation is to fail. */
export function answerWrite(
  request: RegistryRequest,
  write: {
    verb: 'Creating' | 'Updating';
    resourceId: string;
    apply: () => void;
    body: (provisioningState: string) => unknown;
  },
): Answer {
  const { verb, resourceId, apply, body } = write;
  const { writeAnswer } = request.store.settings;
  const created = verb === 'Creating';
  if (writeAnswer === 'done') {
    apply();
    return { status: 200, body: body('Succeeded'), changed: resourceId, created };
  }
  const operation = startOperation(request, verb, resourceId, 'token');
  if (!operation.failure) apply();
  const change = operation.failure ? {} : { changed: resourceId, created };
  if (writeAnswer === 'body-only') return { status: 201, body: body(verb), ...change };
  const headers = pollHeaders(request, 'azure-asyncoperation', statusPath(operation));
  return { status: 201, body: body(verb), headers, ...change };
}

/** Starts the operation behind a deletion and answers it. `apply` runs unless the operation is to fail. */
export function answerDelete(
  request: RegistryRequest,
  resourceId: string,
  apply: () => void,
  prefix: 'token' | 'registries' = 'token',
): Answer {
  const operation = startOperation(request, 'Deleting', resourceId, prefix);
  if (!operation.failure) apply();
  const { subscriptionId, location } = request.store.config;
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerRegistry/locations/${location.toUpperCase()}/operationResults/${operation.id}`;
  return {
    status: 202,
    ...(request.store.settings.deleteBody === 'null' ? { body: null } : {}),
    headers: pollHeaders(request, 'location', path),
    changed: operation.failure ? undefined : resourceId,
  };
}

/** Starts an operation whose result the client has to fetch, and answers it. `result` runs unless it is to fail. */
export function answerLater(request: RegistryRequest, result: () => unknown): Answer {
  const operation = startOperation(request, 'Generating', request.registry.id, 'registries');
  if (!operation.failure) operation.result = result();
  const headers = pollHeaders(request, 'location', statusPath(operation));
  return { status: 202, headers, changed: operation.failure ? undefined : request.registry.id };
}

/** GET of the `Azure-AsyncOperation` URL of a write, or of the `Location` of generated credentials. */
export function pollStatus(request: RegistryRequest): Answer {
  const operation = findOperation(request);
  if (operation.verb === 'Generating')
    return pollResult(request, operation, statusPath(operation), operation.result);
  const headers = pollHeaders(request, 'azure-asyncoperation', statusPath(operation));
  if (request.operations.poll(operation)) return { status: 200, body: { status: operation.verb }, headers };
  const body = operation.failure ? { status: 'Failed', error: operation.failure } : { status: 'Succeeded' };
  return { status: 200, body, headers };
}

/** GET of the `Location` of a deletion. */
export function pollDeletion(request: ResourceRequest): Answer {
  return pollResult(request, findOperation(request), request.url.pathname, undefined);
}

function pollResult(request: ResourceRequest, operation: Operation, path: string, result: unknown): Answer {
  if (request.operations.poll(operation))
    return { status: 202, headers: pollHeaders(request, 'location', path), body: null };
  if (operation.failure) {
    const { code, message } = operation.failure;
    throw new ServiceError('service', 409, code, message);
  }
  return result === undefined ? { status: 200 } : { status: 200, body: result };
}

function startOperation(
  request: RegistryRequest,
  verb: Operation['verb'],
  resourceId: string,
  prefix: 'token' | 'registries',
): Operation {
  const { operations, clientRequestId } = request;
  return operations.start({ verb, resourceId, prefix, clientRequestId });
}

function findOperation(request: ResourceRequest): Operation {
  const operation = request.operations.find(ownName(request));
  if (!operation) throw resourceNotFound(ownName(request));
  return operation;
}

function statusPath({ resourceId, id }: Operation): string {
  return `${resourceId}/operationStatuses/${id}`;
}

function pollHeaders(
  request: ResourceRequest,
  header: 'azure-asyncoperation' | 'location',
  path: string,
): Record<string, string> {
  const { operationRetryAfterSeconds, signedPollUrls } = request.store.settings;
  const encodedPath = path.split('/').map(encodeURIComponent).join('/');
  const url = new URL(`${encodedPath}?api-version=${request.apiVersion}`, request.url.origin);
  if (signedPollUrls) sign(url, request.store.clock.now());
  return { [header]: url.href, 'retry-after': String(operationRetryAfterSeconds) };
}

/** Adds what real poll URLs carry, fresh each time: ticks, certificate, signature and hash. Nobody checks them. */
function sign(url: URL, now: Date): void {
  const ticks = (BigInt(now.getTime()) + 62_135_596_800_000n) * 10_000n;
  url.searchParams.set('t', String(ticks));
  url.searchParams.set('c', certificate);
  url.searchParams.set('s', randomBytes(256).toString('base64url'));
  url.searchParams.set('h', createHash('sha256').update(url.href).digest('base64url'));
}
