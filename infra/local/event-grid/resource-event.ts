import { randomUUID } from 'node:crypto';
import { tenantId } from '../identity/access-tokens.ts';
import type { RegistryActivity } from '../registry/registry-store.ts';
import { actorClaims } from './actor-claims.ts';
import type { EventGridSettings } from './event-grid-settings.ts';

/** What an event says, whatever schema it is written in. */
export interface ResourceEvent {
  readonly id: string;
  readonly type: string;
  /** ISO 8601, UTC, with seven digits of a second as Azure writes it. */
  readonly time: string;
  /** Id of the resource group. */
  readonly topic: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What kinds of changes are called. */
export const eventTypes = {
  write: 'Microsoft.Resources.ResourceWriteSuccess',
  delete: 'Microsoft.Resources.ResourceDeleteSuccess',
  action: 'Microsoft.Resources.ResourceActionSuccess',
} as const;

type Told = Pick<EventGridSettings, 'clientRequestId' | 'httpRequestOnCreates' | 'claims'>;

/**
 * The event that Azure Resource Manager raises for a change. Source: the examples in Azure's documentation, "Azure resource
 * group as an Event Grid source", where ids of written resources have `resourcegroups` in lower case.
 */
export function resourceEvent(activity: RegistryActivity, told: Told): ResourceEvent {
  const { operationName, resourceId, at, correlationId } = activity;
  const type = eventTypes[operationName.split('/').at(-1) as keyof typeof eventTypes];
  const [, , subscriptionId = '', , resourceGroup = ''] = resourceId.split('/');
  const resourceUri =
    type === eventTypes.write ? resourceId.replace('/resourceGroups/', '/resourcegroups/') : resourceId;
  return {
    id: randomUUID(),
    type,
    time: at.toISOString().replace('Z', '0000Z'),
    topic: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`,
    subject: resourceUri,
    data: {
      authorization: authorization(activity, resourceUri, subscriptionId, told),
      claims: told.claims === 'none' ? {} : actorClaims(activity.identity, at, activity.clientAddress),
      correlationId,
      ...httpRequest(activity, told),
      resourceProvider: 'Microsoft.ContainerRegistry',
      resourceUri,
      operationName,
      status: 'Succeeded',
      subscriptionId,
      tenantId,
    },
  };
}

function authorization(
  { operationName, identity }: RegistryActivity,
  scope: string,
  subscriptionId: string,
  told: Told,
): unknown {
  const principal = {
    role: 'Contributor',
    roleAssignmentScope: `/subscriptions/${subscriptionId}`,
    principalId: identity.objectId.replaceAll('-', ''),
    principalType: identity.person ? 'User' : 'ServicePrincipal',
  };
  return { scope, action: operationName, evidence: told.claims === 'none' ? {} : principal };
}

function httpRequest(activity: RegistryActivity, told: Told): { httpRequest?: unknown } {
  if (activity.created && !told.httpRequestOnCreates) return {};
  const { clientAddress, method, url } = activity;
  const clientRequestId = {
    echoed: activity.clientRequestId ?? randomUUID(),
    replaced: randomUUID(),
    absent: undefined,
  }[told.clientRequestId];
  return { httpRequest: { clientRequestId, clientIpAddress: clientAddress, method, url } };
}
