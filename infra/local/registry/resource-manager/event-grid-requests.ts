import type { RegistryStore } from '../registry-store.ts';
import { findConfigured } from './find-registry.ts';
import type { Answer, ResourceRequest } from './resource-request.ts';
import { ServiceError } from './service-error.ts';

/** The event subscription that the local Event Grid is, as Azure Resource Manager shows it. */
export interface ShownEventSubscription {
  readonly name: string;
  /** The queue that it delivers to, in whichever namespace. */
  readonly queue: string;
  readonly schema: 'EventGridSchema' | 'CloudEventSchemaV1_0';
  readonly eventTypes: readonly string[];
  /** Its filter `StringIn` on `data.operationName`. */
  readonly operationNames: readonly string[];
}

/** One in each resource group, as Azure allows. */
const topicName = 'registries';
const namespaceName = 'sbemulatorns';

/** The system topics of a resource group; without Event Grid there are none. */
export function listSystemTopics(request: ResourceRequest): Answer {
  checkGroup(request);
  return { status: 200, body: { value: request.store.eventGrid ? [topicBody(request)] : [] } };
}

export function readSystemTopic(request: ResourceRequest): Answer {
  requireTopic(request);
  return { status: 200, body: topicBody(request) };
}

export function listEventSubscriptions(request: ResourceRequest): Answer {
  const shown = requireTopic(request)();
  return { status: 200, body: { value: shown ? [subscriptionBody(request, shown)] : [] } };
}

export function readEventSubscription(request: ResourceRequest): Answer {
  const shown = requireTopic(request)();
  const name = request.names[1] ?? '';
  if (shown?.name.toLowerCase() !== name.toLowerCase())
    throw notFound(`systemTopics/${topicName}/eventSubscriptions/${name}`, request);
  return { status: 200, body: subscriptionBody(request, shown) };
}

/** @throws ServiceError when there is no such resource group, or no such topic in it */
function requireTopic(request: ResourceRequest): NonNullable<RegistryStore['eventGrid']> {
  checkGroup(request);
  const [name = ''] = request.names;
  const { eventGrid } = request.store;
  if (!eventGrid || name.toLowerCase() !== topicName) throw notFound(`systemTopics/${name}`, request);
  return eventGrid;
}

function checkGroup(request: ResourceRequest): void {
  findConfigured(request);
}

function notFound(resource: string, { resourceGroup }: ResourceRequest): ServiceError {
  return new ServiceError(
    'gateway',
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.EventGrid/${resource}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

function groupId({ store, resourceGroup }: ResourceRequest): string {
  return `/subscriptions/${store.config.subscriptionId}/resourceGroups/${resourceGroup}`;
}

function topicId(request: ResourceRequest): string {
  return `${groupId(request)}/providers/Microsoft.EventGrid/systemTopics/${topicName}`;
}

function topicBody(request: ResourceRequest): unknown {
  return {
    id: topicId(request),
    name: topicName,
    type: 'Microsoft.EventGrid/systemTopics',
    location: 'global',
    properties: {
      provisioningState: 'Succeeded',
      source: groupId(request),
      topicType: 'Microsoft.Resources.ResourceGroups',
    },
  };
}

function subscriptionBody(request: ResourceRequest, shown: ShownEventSubscription): unknown {
  const { subscriptionId } = request.store.config;
  const destination = {
    endpointType: 'ServiceBusQueue',
    properties: {
      resourceId: `/subscriptions/${subscriptionId}/resourceGroups/keyturn/providers/Microsoft.ServiceBus/namespaces/${namespaceName}/queues/${shown.queue}`,
    },
  };
  return {
    id: `${topicId(request)}/eventSubscriptions/${shown.name}`,
    name: shown.name,
    type: 'Microsoft.EventGrid/systemTopics/eventSubscriptions',
    properties: {
      provisioningState: 'Succeeded',
      topic: topicId(request),
      deliveryWithResourceIdentity: { identity: { type: 'SystemAssigned' }, destination },
      eventDeliverySchema: shown.schema,
      filter: {
        includedEventTypes: shown.eventTypes,
        advancedFilters: [
          { operatorType: 'StringIn', key: 'data.operationName', values: shown.operationNames },
        ],
      },
      retryPolicy: { eventTimeToLiveInMinutes: 1440, maxDeliveryAttempts: 30 },
    },
  };
}
