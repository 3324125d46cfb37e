/** Examples of what Azure reports, after its documentation, with more in them than anybody asked for. */

export const registryId =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso';

type Json = Record<string, unknown>;

export const applicationClaims: Json = {
  aud: 'https://management.core.windows.net/',
  appid: '0A0A0A0A-0000-4000-8000-000000000002',
  appidacr: '2',
  'http://schemas.microsoft.com/identity/claims/objectidentifier': '0B0B0B0B-0000-4000-8000-000000000002',
  'http://schemas.microsoft.com/identity/claims/tenantid': '72f988bf-0000-4000-8000-00000000c10d',
  xms_mirid:
    '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/keyturn/providers/Microsoft.ManagedIdentity/userAssignedIdentities/keyturn',
  ver: '1.0',
};

export const userClaims: Json = {
  appid: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
  ipaddr: '203.0.113.7',
  name: 'Ada Bauer',
  'http://schemas.microsoft.com/identity/claims/objectidentifier': '0b0b0b0b-0000-4000-8000-000000000004',
  'http://schemas.microsoft.com/identity/claims/scope': 'user_impersonation',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name': 'ada.bauer@contoso.example',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'ada.bauer@contoso.example',
};

/** The `data` of an event about an operation such as `tokens/write`. */
export function dataOf(operation: string, resourceUri: string, changes: Json = {}): Json {
  const operationName = `Microsoft.ContainerRegistry/registries/${operation}`;
  return {
    authorization: { scope: resourceUri, action: operationName, evidence: { role: 'Contributor' } },
    claims: applicationClaims,
    correlationId: '5d1c8a7e-1111-4222-8333-444444444444',
    httpRequest: {
      clientRequestId: '27003b25-91d3-418f-8eb1-29e537dcb249',
      clientIpAddress: '198.51.100.20',
      method: 'PATCH',
      url: `https://management.azure.com${resourceUri}?api-version=2025-11-01`,
    },
    resourceProvider: 'Microsoft.ContainerRegistry',
    resourceUri,
    operationName,
    status: 'Succeeded',
    subscriptionId: '00000000-0000-4000-8000-000000000001',
    tenantId: '72f988bf-0000-4000-8000-00000000c10d',
    ...changes,
  };
}

const types: Record<string, string> = {
  write: 'Microsoft.Resources.ResourceWriteSuccess',
  delete: 'Microsoft.Resources.ResourceDeleteSuccess',
  action: 'Microsoft.Resources.ResourceActionSuccess',
};

function typeOf(data: Json): string {
  return types[String(data.operationName).split('/').at(-1) ?? ''] ?? 'none';
}

export function eventGridEvent(data: Json, changes: Json = {}): Json {
  return {
    topic: '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/registries',
    subject: data.resourceUri,
    eventType: typeOf(data),
    eventTime: '2026-03-01T12:00:00.6117357Z',
    id: '4db48cba-50a2-455a-93b4-de41a3b5b7f6',
    data,
    dataVersion: '2',
    metadataVersion: '1',
    ...changes,
  };
}

export function cloudEvent(data: Json, changes: Json = {}): Json {
  return {
    id: '4db48cba-50a2-455a-93b4-de41a3b5b7f6',
    source: '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/registries',
    specversion: '1.0',
    type: typeOf(data),
    subject: data.resourceUri,
    time: '2026-03-01T13:00:00.6117357+01:00',
    data,
    ...changes,
  };
}

export function bodyOf(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
