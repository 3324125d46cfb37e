import type { RegistrySettings } from '../registry-settings.ts';
import { generateCredentials } from './credential-requests.ts';
import {
  listEventSubscriptions,
  listSystemTopics,
  readEventSubscription,
  readSystemTopic,
} from './event-grid-requests.ts';
import { pollDeletion, pollStatus } from './operation-answers.ts';
import { deleteRegistry, putRegistry } from './registry-life-requests.ts';
import {
  listCredentials,
  listRegistries,
  patchRegistry,
  readRegistry,
  regenerateCredential,
} from './registry-requests.ts';
import type { Namespace } from './resource-path.ts';
import type { Answer, RegistryRequest, ResourceRequest } from './resource-request.ts';
import {
  deleteScopeMap,
  listScopeMaps,
  patchScopeMap,
  putScopeMap,
  readScopeMap,
} from './scope-map-requests.ts';
import { ServiceError } from './service-error.ts';
import { deleteToken, listTokens, patchToken, putToken, readToken } from './token-requests.ts';

interface RouteFacts {
  /** The permission that it needs, as in a role definition. */
  readonly action: string;
  /** Without it the permission is always needed. */
  readonly needsPermission?: (settings: RegistrySettings) => boolean;
  readonly readsBody?: boolean;
}

/** What answers one kind of request. */
export type Route = RouteFacts &
  (
    | { readonly answer: (request: RegistryRequest) => Answer }
    | { readonly answerWithoutRegistry: (request: ResourceRequest) => Answer }
  );

const registries = 'Microsoft.ContainerRegistry/registries';
const topics = 'Microsoft.EventGrid/systemTopics';

const registryRoutes: Readonly<Record<string, Route>> = {
  'GET registries': { action: `${registries}/read`, answerWithoutRegistry: listRegistries },
  'GET registries/*': { action: `${registries}/read`, answer: readRegistry },
  'PATCH registries/*': { action: `${registries}/write`, answer: patchRegistry, readsBody: true },
  'PUT registries/*': {
    action: `${registries}/write`,
    answerWithoutRegistry: putRegistry,
    readsBody: true,
  },
  'DELETE registries/*': { action: `${registries}/delete`, answerWithoutRegistry: deleteRegistry },
  'POST registries/*/generatecredentials': {
    action: `${registries}/generateCredentials/action`,
    answer: generateCredentials,
    readsBody: true,
  },
  'POST registries/*/listcredentials': {
    action: `${registries}/listCredentials/action`,
    answer: listCredentials,
  },
  'POST registries/*/regeneratecredential': {
    action: `${registries}/regenerateCredential/action`,
    answer: regenerateCredential,
    readsBody: true,
  },
  'GET registries/*/operationstatuses/*': {
    action: `${registries}/operationStatuses/read`,
    answer: pollStatus,
  },
  'GET registries/*/tokens': { action: `${registries}/tokens/read`, answer: listTokens },
  'GET registries/*/tokens/*': { action: `${registries}/tokens/read`, answer: readToken },
  'PUT registries/*/tokens/*': { action: `${registries}/tokens/write`, answer: putToken, readsBody: true },
  'PATCH registries/*/tokens/*': {
    action: `${registries}/tokens/write`,
    answer: patchToken,
    readsBody: true,
  },
  'DELETE registries/*/tokens/*': { action: `${registries}/tokens/delete`, answer: deleteToken },
  'GET registries/*/tokens/*/operationstatuses/*': {
    action: `${registries}/tokens/operationStatuses/read`,
    answer: pollStatus,
  },
  'GET registries/*/scopemaps': { action: `${registries}/scopeMaps/read`, answer: listScopeMaps },
  'GET registries/*/scopemaps/*': { action: `${registries}/scopeMaps/read`, answer: readScopeMap },
  'PUT registries/*/scopemaps/*': {
    action: `${registries}/scopeMaps/write`,
    answer: putScopeMap,
    readsBody: true,
  },
  'PATCH registries/*/scopemaps/*': {
    action: `${registries}/scopeMaps/write`,
    answer: patchScopeMap,
    readsBody: true,
  },
  'DELETE registries/*/scopemaps/*': { action: `${registries}/scopeMaps/delete`, answer: deleteScopeMap },
  'GET registries/*/scopemaps/*/operationstatuses/*': {
    action: `${registries}/scopeMaps/operationStatuses/read`,
    answer: pollStatus,
  },
  'GET locations/*/operationresults/*': {
    action: 'Microsoft.ContainerRegistry/locations/operationResults/read',
    needsPermission: (settings) => settings.deletePollingNeedsPermission,
    answerWithoutRegistry: pollDeletion,
  },
};

/** What there is of Event Grid can be looked at, and is changed by its settings in the local cloud. */
const eventGridRoutes: Readonly<Record<string, Route>> = {
  'GET systemtopics': { action: `${topics}/read`, answerWithoutRegistry: listSystemTopics },
  'GET systemtopics/*': { action: `${topics}/read`, answerWithoutRegistry: readSystemTopic },
  'GET systemtopics/*/eventsubscriptions': {
    action: `${topics}/eventSubscriptions/read`,
    answerWithoutRegistry: listEventSubscriptions,
  },
  'GET systemtopics/*/eventsubscriptions/*': {
    action: `${topics}/eventSubscriptions/read`,
    answerWithoutRegistry: readEventSubscription,
  },
};

const routesOf: Readonly<Record<Namespace, Readonly<Record<string, Route>>>> = {
  'Microsoft.ContainerRegistry': registryRoutes,
  'Microsoft.EventGrid': eventGridRoutes,
};

/**
 * What answers a method on a path.
 * @throws ServiceError when Azure knows no such resource type, or when the local cloud does not offer it.
 */
export function findRoute(method: string, namespace: Namespace, pattern: string): Route {
  const routes = routesOf[namespace];
  const asked = `${method === 'HEAD' ? 'GET' : method} ${pattern}`;
  const route = Object.hasOwn(routes, asked) ? routes[asked] : undefined;
  if (route) return route;
  const type = pattern.replaceAll('/*', '');
  if (!Object.keys(routes).some((known) => known.split(' ')[1] === pattern))
    throw new ServiceError(
      'gateway',
      404,
      'InvalidResourceType',
      `The resource type '${type}' could not be found in the namespace '${namespace}' of the local cloud.`,
    );
  throw new ServiceError(
    'gateway',
    405,
    'MethodNotAllowed',
    `The local cloud does not support the method ${method} on the resource type '${type}'.`,
  );
}
