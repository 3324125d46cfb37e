import type {
  ScopeMap as AcrScopeMap,
  Token as AcrToken,
  GenerateCredentialsResult,
  Registry,
  TokenPassword,
} from '@azure/arm-containerregistry';
import { sameName } from '../contracts/names.ts';
import { type Slot, slots } from '../lifecycle/credential.ts';
import type { SlotEntry } from '../lifecycle/facts.ts';
import { ServiceFailure } from '../ports/service-failure.ts';
import type { GeneratedPassword, NamedToken, RegistryFacts, ScopeMap } from '../ports/token-registry.ts';

/** A token as Azure describes it. What is not a name of a slot is no password of ours. */
export function tokenOf({ name, status, scopeMapId, credentials }: AcrToken): NamedToken {
  return {
    name: name ?? '',
    enabled: status === 'enabled',
    scopeMap: scopeMapId?.split('/').at(-1) ?? '',
    passwords: (credentials?.passwords ?? []).flatMap((password) => slotEntryOf(password) ?? []),
  };
}

function slotEntryOf({ name, creationTime, expiry }: TokenPassword): SlotEntry | undefined {
  const slot = slots.find((each) => each === name);
  if (!slot || !creationTime) return undefined;
  return {
    slot,
    createdAt: creationTime.toISOString(),
    ...(expiry ? { expiresAt: expiry.toISOString() } : {}),
  };
}

export function scopeMapOf({ name, description, actions, typePropertiesType }: AcrScopeMap): ScopeMap {
  return {
    name: name ?? '',
    description: description ?? '',
    actions: actions ?? [],
    system: typePropertiesType?.toLowerCase() === 'systemdefined',
  };
}

/** What is not said is as Azure has it by default. Only registries of the tier Premium say what is allowed by default. */
export function registryFactsOf(registry: Registry): RegistryFacts {
  const { loginServer, creationDate, sku, adminUserEnabled, anonymousPullEnabled } = registry;
  if (!creationDate)
    throw new ServiceFailure({ service: 'registry', operation: 'readRegistry', code: 'damagedAnswer' });
  return {
    loginServer: loginServer ?? '',
    createdAt: creationDate.toISOString(),
    sku: sku?.name ?? '',
    adminUserEnabled: adminUserEnabled ?? false,
    anonymousPullEnabled: anonymousPullEnabled ?? false,
    publicNetworkAccess: registry.publicNetworkAccess !== 'Disabled',
    allowedByDefault: registry.networkRuleSet?.defaultAction !== 'Deny',
  };
}

/**
 * The password that was made, found by its slot's name: the answer lists the other slot too, in any order.
 *
 * @throws ServiceFailure `usernameMismatch` if the answer is about another user (a wrong body once made the registry
 * answer with its admin passwords, terraform-provider-azurerm issue 21497); `damagedAnswer` if there is no value.
 */
export function generatedPassword(
  token: string,
  slot: Slot,
  { username, passwords }: GenerateCredentialsResult,
): GeneratedPassword {
  const operation = 'generatePassword';
  if (!sameName(username ?? '', token))
    throw new ServiceFailure({ service: 'registry', operation, code: 'usernameMismatch' });
  const password = passwords?.find(({ name }) => name === slot);
  const entry = password && slotEntryOf(password);
  if (!entry || !password.value)
    throw new ServiceFailure({ service: 'registry', operation, code: 'damagedAnswer' });
  return { ...entry, value: password.value };
}
