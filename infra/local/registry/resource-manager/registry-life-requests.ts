import { z } from 'zod';
import { type ContainerRegistry, openNetwork } from '../container-registry.ts';
import { findConfigured } from './find-registry.ts';
import { answerDelete } from './operation-answers.ts';
import { registryBody, registryPropertiesSchema, skuSchema, writeRegistry } from './registry-requests.ts';
import { type Answer, parseBody, type ResourceRequest } from './resource-request.ts';
import { ServiceError } from './service-error.ts';

const defaults = {
  adminUserEnabled: false,
  anonymousPullEnabled: false,
  publicNetworkAccess: openNetwork.publicNetworkAccess,
  networkRuleSet: { defaultAction: openNetwork.defaultAction },
};

const registrySchema = z.object({
  location: z.string(),
  sku: skuSchema,
  properties: registryPropertiesSchema.optional(),
});

/**
 * Creates a registry of the configuration that was deleted, with nothing in it, or writes all properties of one that exists:
 * those that the body does not have are as Azure has them by default, as after a deployment of a template that does not
 * name them.
 */
export function putRegistry(request: ResourceRequest): Answer {
  const registry = requireConfigured(request);
  const { sku, properties } = parseBody(registrySchema, request.body);
  const created = !registry.exists;
  writeRegistry({ ...request, registry }, sku.name, { ...defaults, ...properties });
  const { adminUser, anonymousPullEnabled, network } = registry;
  if (created) registry.recreate(request.store.timestamp(), adminUser);
  Object.assign(registry, { anonymousPullEnabled, network, sku: sku.name });
  const body = registryBody(request, registry);
  return { status: created ? 201 : 200, body, changed: registry.id, created };
}

/** Deletes a registry with all its tokens and scope maps. Its login server hangs up from then on. */
export function deleteRegistry(request: ResourceRequest): Answer {
  const registry = findConfigured(request);
  if (!registry?.exists) return { status: 204 };
  return answerDelete({ ...request, registry }, registry.id, () => registry.delete(), 'registries');
}

function requireConfigured(request: ResourceRequest): ContainerRegistry {
  const registry = findConfigured(request);
  if (registry) return registry;
  throw new ServiceError(
    'service',
    400,
    'RegistryNotConfigured',
    'The local cloud has only the registries of its configuration.',
  );
}
