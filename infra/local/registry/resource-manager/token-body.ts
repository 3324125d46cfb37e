import { azureSeconds } from '../azure-timestamps.ts';
import type { ContainerRegistry, RegistryToken } from '../container-registry.ts';
import { type Password, type SlotName, slotNames } from '../password-slot.ts';
import type { RegistryRequest } from './resource-request.ts';
import { scopeMapId } from './scope-map-requests.ts';
import { systemDataBody } from './system-data-body.ts';

export function tokenId(registry: ContainerRegistry, name: string): string {
  return `${registry.id}/tokens/${name}`;
}

export function tokenBody(request: RegistryRequest, token: RegistryToken, state?: string): unknown {
  const { registry, operations } = request;
  const id = tokenId(registry, token.name);
  return {
    type: 'Microsoft.ContainerRegistry/registries/tokens',
    id,
    name: token.name,
    systemData: systemDataBody(token.systemData),
    properties: {
      creationDate: token.creationDate,
      provisioningState: state ?? operations.stateOf(id),
      scopeMapId: scopeMapId(registry, token.scopeMap),
      credentials: { passwords: passwordBodies(token) },
      status: token.status,
    },
  };
}

/** The passwords that exist, in the order of their names, each without its value unless the slot is named. */
export function passwordBodies(token: RegistryToken, withValue: readonly SlotName[] = []): unknown[] {
  return slotNames.flatMap((name) => {
    const { password } = token.slots[name];
    return password ? [passwordBody(name, password, withValue.includes(name))] : [];
  });
}

function passwordBody(name: SlotName, password: Password, withValue: boolean): unknown {
  return {
    creationTime: password.creationTime,
    ...(password.expiresAt ? { expiry: azureSeconds(password.expiresAt) } : {}),
    name,
    ...(withValue ? { value: password.value } : {}),
  };
}
