import { z } from 'zod';
import type { ContainerRegistry } from '../container-registry.ts';
import { findConfigured } from './find-registry.ts';
import { answerDelete } from './operation-answers.ts';
import { registryBody, registryPropertiesSchema, writeProperties } from './registry-requests.ts';
import { type Answer, parseBody, type ResourceRequest } from './resource-request.ts';
import { ServiceError } from './service-error.ts';

const registrySchema = z.object({
  location: z.string(),
  sku: z.object({ name: z.string() }),
  properties: registryPropertiesSchema.optional(),
});

/**
 * Creates a registry of the configuration that was deleted, with nothing in it, or writes all properties of one that exists:
 * those that the body does not have are off, as after a deployment of a template that does not name them.
 */
export function putRegistry(request: ResourceRequest): Answer {
  const registry = requireConfigured(request);
  const { sku, properties } = parseBody(registrySchema, request.body);
  if (sku.name.toLowerCase() !== registry.config.sku.toLowerCase())
    throw new ServiceError(
      'service',
      400,
      'SkuNotSupported',
      `In the local cloud the registry ${registry.name} is always of the tier ${registry.config.sku}.`,
    );
  const created = !registry.exists;
  const written = { adminUserEnabled: false, anonymousPullEnabled: false, ...properties };
  writeProperties({ ...request, registry }, written);
  const { adminUser, anonymousPullEnabled } = registry;
  if (created) registry.recreate(request.store.timestamp(), adminUser);
  registry.anonymousPullEnabled = anonymousPullEnabled;
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
