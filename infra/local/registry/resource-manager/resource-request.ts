import type { z } from 'zod';
import type { Identity } from '../../identity/identities.ts';
import type { ContainerRegistry } from '../container-registry.ts';
import type { RegistryStore } from '../registry-store.ts';
import type { Operations } from './operations.ts';
import { invalidRequestContent } from './service-error.ts';

/** A request that is proven, allowed and counted, on its way to what answers it. */
export interface ResourceRequest {
  readonly store: RegistryStore;
  readonly operations: Operations;
  readonly url: URL;
  readonly apiVersion: string;
  readonly resourceGroup: string | undefined;
  /** The names in the path, from left to right. */
  readonly names: readonly string[];
  readonly body: unknown;
  readonly identity: Identity;
  readonly clientRequestId: string | undefined;
}

/** A request on a registry that exists, or on something in it. */
export interface RegistryRequest extends ResourceRequest {
  readonly registry: ContainerRegistry;
}

export interface Answer {
  readonly status: number;
  /** JSON; without it the answer has no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Id of the resource that was written, deleted or acted on. */
  readonly changed?: string | undefined;
  /** Whether that resource was not there before. */
  readonly created?: boolean;
}

/** The last name in the path. */
export function ownName({ names }: ResourceRequest): string {
  return names.at(-1) ?? '';
}

/** @throws ServiceError when the body does not have the types that it must have. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidRequestContent(`${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}
