import { z } from 'zod';
import type { ContainerRegistry } from '../container-registry.ts';
import type { ScopeMap } from '../scope-map.ts';
import { listPage } from './list-page.ts';
import { answerDelete, answerWrite } from './operation-answers.ts';
import { type Answer, ownName, parseBody, type RegistryRequest } from './resource-request.ts';
import {
  checkActions,
  checkScopeMapName,
  refuseSystemDefined,
  refuseUsed,
  tooManyScopeMaps,
} from './scope-map-checks.ts';
import { resourceNotFound } from './service-error.ts';
import { systemDataBody } from './system-data-body.ts';

const scopeMapSchema = z.object({
  properties: z.object({ actions: z.array(z.string()), description: z.string().nullish() }),
});
const scopeMapChangeSchema = z.object({
  properties: z
    .object({ actions: z.array(z.string()).nullish(), description: z.string().nullish() })
    .nullish(),
});

export function readScopeMap(request: RegistryRequest): Answer {
  const map = requireScopeMap(request);
  if (request.store.settings.writeAnswer === 'body-only')
    request.operations.pollByReading(scopeMapId(request.registry, map.name));
  return { status: 200, body: scopeMapBody(request, map) };
}

export function listScopeMaps(request: RegistryRequest): Answer {
  const { scopeMaps } = request.registry;
  return { status: 200, body: listPage(request, scopeMaps, (map) => scopeMapBody(request, map)) };
}

/** Recorded as done at once, without a long-running operation. */
export function putScopeMap(request: RegistryRequest): Answer {
  const { registry, store } = request;
  const name = ownName(request);
  checkScopeMapName(name);
  const { actions, description } = parseBody(scopeMapSchema, request.body).properties;
  checkActions(actions);
  const existing = registry.scopeMaps.get(name);
  if (existing) refuseSystemDefined(existing);
  else if (registry.scopeMaps.size >= registry.mostResources) throw tooManyScopeMaps(registry);
  const map: ScopeMap = {
    name: existing?.name ?? name,
    type: 'UserDefined',
    description: description ?? undefined,
    actions,
    systemData: { by: request.identity.clientId, at: store.timestamp() },
    creationDate: existing?.creationDate ?? store.timestamp(),
  };
  registry.scopeMaps.set(map);
  return {
    status: 200,
    body: scopeMapBody(request, map, 'Succeeded'),
    changed: scopeMapId(registry, map.name),
    created: existing === undefined,
  };
}

export function patchScopeMap(request: RegistryRequest): Answer {
  const { registry, store } = request;
  const existing = requireScopeMap(request);
  refuseSystemDefined(existing);
  const changes = parseBody(scopeMapChangeSchema, request.body).properties;
  const map: ScopeMap = {
    ...existing,
    actions: changes?.actions ?? existing.actions,
    description: changes?.description ?? existing.description,
    systemData: { by: request.identity.clientId, at: store.timestamp() },
  };
  checkActions(map.actions);
  return answerWrite(request, {
    verb: 'Updating',
    resourceId: scopeMapId(registry, map.name),
    apply: () => registry.scopeMaps.set(map),
    body: (state) => scopeMapBody(request, map, state),
  });
}

export function deleteScopeMap(request: RegistryRequest): Answer {
  const { registry, store } = request;
  const name = ownName(request);
  const map = registry.scopeMaps.get(name);
  if (!map && store.settings.deleteOfMissing === 'no-content') return { status: 204 };
  if (!map) throw resourceNotFound(name);
  refuseSystemDefined(map);
  if (store.settings.deleteOfUsedScopeMap === 'refused') refuseUsed(registry, map);
  return answerDelete(request, scopeMapId(registry, map.name), () => registry.scopeMaps.delete(map.name));
}

export function scopeMapId(registry: ContainerRegistry, name: string): string {
  return `${registry.id}/scopeMaps/${name}`;
}

function scopeMapBody(request: RegistryRequest, map: ScopeMap, state?: string): unknown {
  const id = scopeMapId(request.registry, map.name);
  return {
    type: 'Microsoft.ContainerRegistry/registries/scopeMaps',
    id,
    name: map.name,
    ...(map.systemData ? { systemData: systemDataBody(map.systemData) } : {}),
    properties: {
      ...(map.description === undefined ? {} : { description: map.description }),
      type: map.type,
      creationDate: map.creationDate,
      provisioningState: state ?? request.operations.stateOf(id),
      actions: map.actions,
    },
  };
}

function requireScopeMap(request: RegistryRequest): ScopeMap {
  const map = request.registry.scopeMaps.get(ownName(request));
  if (!map) throw resourceNotFound(ownName(request));
  return map;
}
