import { readFileSync } from 'node:fs';
import { type Deployment, deploy } from './bicep/deploy.ts';
import type { DeployedResource } from './bicep/deploy-resource.ts';
import { DeploymentScope } from './bicep/scope.ts';
import { type Fields, fieldsOf, isFields, listOf, textOf } from './bicep/values.ts';

export const subscriptionId = '00000000-0000-4000-8000-000000000001';
export const tenantId = '0c0c0c0c-0000-4000-8000-000000000001';
/** What Azure would give the identity of Keyturn. */
export const keyturnClientId = '0a0a0a0a-0000-4000-8000-00000000000a';
export const keyturnObjectId = '0b0b0b0b-0000-4000-8000-00000000000a';
export const eventGridObjectId = '0b0b0b0b-0000-4000-8000-00000000000b';
/** What stands for the text that tells the app where its telemetry goes. */
export const telemetryAddress = 'the address of Application Insights';

/** What `infra/main.bicep` would make with these parameters beside the two that have no default. */
export function deployKeyturn(parameters: Fields = {}): Deployment {
  return deploy(
    'infra/main.bicep',
    { environmentName: 'test', location: 'westeurope', ...parameters },
    new DeploymentScope(subscriptionId),
    { tenantId, read: (file) => readFileSync(file, 'utf8'), knownAfterDeployment },
  );
}

function knownAfterDeployment(type: string, name: string): Fields {
  switch (type) {
    case 'Microsoft.ManagedIdentity/userAssignedIdentities':
      return { properties: { clientId: keyturnClientId, principalId: keyturnObjectId } };
    case 'Microsoft.ServiceBus/namespaces':
      return { properties: { serviceBusEndpoint: `https://${name}.servicebus.windows.net:443/` } };
    case 'Microsoft.Insights/components':
      return { properties: { ConnectionString: telemetryAddress } };
    case 'Microsoft.Web/sites':
      return { properties: { defaultHostName: `${name}.azurewebsites.net` } };
    case 'Microsoft.EventGrid/systemTopics':
      return { identity: { principalId: eventGridObjectId } };
    default:
      return {};
  }
}

export function ofType({ resources }: Deployment, type: string): DeployedResource[] {
  return resources.filter((resource) => resource.type === type);
}

export function theOnly(deployment: Deployment, type: string): DeployedResource {
  const [only, ...others] = ofType(deployment, type);
  if (!only || others.length > 0) throw new Error(`There are ${others.length} more of ${type}, or none.`);
  return only;
}

/** A value within the body of a resource, by the names on the way. */
export function within(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof step === 'number' ? listOf(inner)[step] : isFields(inner) ? inner[step] : undefined,
    value,
  );
}

/** The settings of the function app. */
export function settingsOf(deployment: Deployment): Record<string, string> {
  const settings = listOf(
    within(theOnly(deployment, 'Microsoft.Web/sites').body, 'properties', 'siteConfig', 'appSettings'),
  );
  return Object.fromEntries(settings.map(fieldsOf).map(({ name, value }) => [textOf(name), textOf(value)]));
}

export interface Grant {
  /** Id of what the role is given on. */
  readonly on: string;
  readonly role: string;
  readonly to: string;
}

const builtInRoles: Readonly<Record<string, string>> = {
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': 'Azure Service Bus Data Sender',
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0': 'Azure Service Bus Data Receiver',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': 'Storage Blob Data Reader',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': 'Key Vault Secrets Officer',
};

/** Who is given which role on what. Built-in roles by their names, those of Keyturn by theirs. */
export function grantsOf(deployment: Deployment): Grant[] {
  const ownRoles = new Map(
    ofType(deployment, 'Microsoft.Authorization/roleDefinitions').map(({ id, body }) => [
      id,
      textOf(within(body, 'properties', 'roleName')),
    ]),
  );
  return ofType(deployment, 'Microsoft.Authorization/roleAssignments').map(({ id, body }) => {
    const roleId = textOf(within(body, 'properties', 'roleDefinitionId'));
    const role = ownRoles.get(roleId) ?? builtInRoles[roleId.split('/').at(-1) ?? ''];
    if (role === undefined) throw new Error(`Nobody knows the role ${roleId}.`);
    const [on = ''] = id.split('/providers/Microsoft.Authorization/');
    return { on, role, to: textOf(within(body, 'properties', 'principalId')) };
  });
}

/** The JSON documents that run the local cloud. */
export function localJson(name: string): Fields {
  return fieldsOf(JSON.parse(readFileSync(`infra/local/${name}`, 'utf8')));
}
