import { z } from 'zod';
import type { ContainerRegistry, RegistryToken } from '../container-registry.ts';
import { PasswordSlot, type SlotName, slotNames } from '../password-slot.ts';
import { listPage } from './list-page.ts';
import { answerDelete, answerWrite } from './operation-answers.ts';
import { nameOfChild } from './resource-path.ts';
import { type Answer, ownName, parseBody, type RegistryRequest } from './resource-request.ts';
import { resourceNotFound, ServiceError } from './service-error.ts';
import { tokenBody, tokenId } from './token-body.ts';

const tokenSchema = z.object({
  properties: z
    .object({
      scopeMapId: z.string().nullish(),
      status: z.string().nullish(),
      credentials: z
        .object({
          passwords: z.array(z.object({ name: z.string() })).nullish(),
          certificates: z.array(z.unknown()).max(0).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

type TokenProperties = NonNullable<z.output<typeof tokenSchema>['properties']>;

export function readToken(request: RegistryRequest): Answer {
  const token = requireToken(request);
  if (request.store.settings.writeAnswer === 'body-only')
    request.operations.pollByReading(tokenId(request.registry, token.name));
  return { status: 200, body: tokenBody(request, token) };
}

export function listTokens(request: RegistryRequest): Answer {
  const { tokens } = request.registry;
  return { status: 200, body: listPage(request, tokens, (token) => tokenBody(request, token)) };
}

/** Creates a token, or replaces one: without its credentials in the body its passwords are wiped (Azure/acr issue 667). */
export function putToken(request: RegistryRequest): Answer {
  const { registry, store } = request;
  const existing = registry.tokens.get(ownName(request));
  const name = existing?.name ?? ownName(request);
  checkName(name);
  const properties = parseBody(tokenSchema, request.body).properties ?? {};
  const scopeMap = findScopeMap(registry, properties.scopeMapId);
  if (!scopeMap) throw new ServiceError('service', 400, 'InvalidToken', 'A token needs a scopeMapId.');
  const kept = keptSlots(properties, existing);
  if (!existing && registry.tokens.size >= registry.mostResources) throw tooMany(registry);
  const token: RegistryToken = {
    name,
    systemData: { by: request.identity.clientId, at: store.timestamp() },
    creationDate: existing?.creationDate ?? store.timestamp(),
    scopeMap,
    status: writtenStatus(request, properties.status ?? 'enabled'),
    slots: existing?.slots ?? newSlots(registry, name),
  };
  const keepsAll = store.settings.putOnExistingToken === 'keeps-passwords';
  return writeToken(request, token, existing ? 'Updating' : 'Creating', kept ?? (keepsAll ? slotNames : []));
}

/** Changes what the body names; passwords stay unless it lists those to keep. */
export function patchToken(request: RegistryRequest): Answer {
  const { registry, store } = request;
  const existing = requireToken(request);
  const properties = parseBody(tokenSchema, request.body).properties ?? {};
  const token: RegistryToken = {
    ...existing,
    systemData: { by: request.identity.clientId, at: store.timestamp() },
    scopeMap: findScopeMap(registry, properties.scopeMapId) ?? existing.scopeMap,
    status: writtenStatus(request, properties.status ?? existing.status),
  };
  return writeToken(request, token, 'Updating', keptSlots(properties, existing) ?? slotNames);
}

export function deleteToken(request: RegistryRequest): Answer {
  const { registry, store } = request;
  const token = registry.tokens.get(ownName(request));
  if (!token && store.settings.deleteOfMissing === 'no-content') return { status: 204 };
  if (!token) throw resourceNotFound(ownName(request));
  return answerDelete(request, tokenId(registry, token.name), () => registry.tokens.delete(token.name));
}

function writeToken(
  request: RegistryRequest,
  token: RegistryToken,
  verb: 'Creating' | 'Updating',
  kept: readonly SlotName[],
): Answer {
  return answerWrite(request, {
    verb,
    resourceId: tokenId(request.registry, token.name),
    apply: () => {
      for (const name of slotNames) if (!kept.includes(name)) token.slots[name].clear();
      request.registry.tokens.set(token);
    },
    body: (state) => tokenBody(request, token, state),
  });
}

function requireToken(request: RegistryRequest): RegistryToken {
  const token = request.registry.tokens.get(ownName(request));
  if (!token) throw resourceNotFound(ownName(request));
  return token;
}

function checkName(name: string): void {
  if (/^[a-zA-Z0-9-]{5,50}$/.test(name)) return;
  throw new ServiceError(
    'service',
    400,
    'InvalidResourceName',
    `The token name '${name}' is invalid. It must have 5 to 50 letters, digits or hyphens.`,
  );
}

function findScopeMap(registry: ContainerRegistry, id: string | null | undefined): string | undefined {
  if (id === undefined || id === null) return undefined;
  const map = registry.scopeMaps.get(nameOfChild(id, registry.id, 'scopeMaps') ?? '');
  if (map) return map.name;
  throw new ServiceError('service', 400, 'ScopeMapNotFound', `The scope map '${id}' could not be found.`);
}

function keptSlots(properties: TokenProperties, token: RegistryToken | undefined): SlotName[] | undefined {
  const listed = properties.credentials?.passwords;
  return listed?.map(({ name }) => {
    const slot = slotNames.find((one) => one === name);
    if (slot && token?.slots[slot].password) return slot;
    throw new ServiceError(
      'service',
      400,
      'PasswordCannotBeAdded',
      `The password '${name}' cannot be added to the token. Passwords are made with generateCredentials.`,
    );
  });
}

function writtenStatus({ store }: RegistryRequest, status: string): RegistryToken['status'] {
  if (status !== 'enabled' && status !== 'disabled')
    throw new ServiceError('service', 400, 'InvalidTokenStatus', `'${status}' is not a status of a token.`);
  return store.settings.policyDisablesTokens ? 'disabled' : status;
}

function newSlots(registry: ContainerRegistry, token: string): RegistryToken['slots'] {
  const slot = (name: SlotName) => new PasswordSlot(`${registry.name}/${token}/${name}`);
  return { password1: slot('password1'), password2: slot('password2') };
}

function tooMany(registry: ContainerRegistry): ServiceError {
  return new ServiceError(
    'service',
    400,
    'QuotaExceeded',
    `The registry ${registry.name} has the most tokens that its tier ${registry.sku} allows: ${registry.mostResources}.`,
  );
}
