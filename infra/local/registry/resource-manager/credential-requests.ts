import { z } from 'zod';
import type { RegistryToken } from '../container-registry.ts';
import { type SlotName, slotNames } from '../password-slot.ts';
import { answerLater } from './operation-answers.ts';
import { nameOfChild } from './resource-path.ts';
import { type Answer, parseBody, type RegistryRequest } from './resource-request.ts';
import { resourceNotFound, ServiceError } from './service-error.ts';
import { passwordBodies } from './token-body.ts';

const generateSchema = z.object({
  tokenId: z.string().min(1),
  name: z.enum(slotNames).nullish(),
  expiry: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/, { error: 'is not a time' })
    .transform(inWholeSeconds)
    .nullish(),
});

/**
 * Makes a new password for a token, in the slot that the body names or in both. It works on a disabled token too. The answer lists
 * all passwords in the order of their names; those that were not made now have no value.
 */
export function generateCredentials(request: RegistryRequest): Answer {
  const { registry, store } = request;
  const { tokenId, name, expiry } = parseBody(generateSchema, request.body);
  const token = registry.tokens.get(nameOfChild(tokenId, registry.id, 'tokens') ?? '');
  if (!token) throw resourceNotFound(tokenId.split('/').at(-1) ?? '');
  const expiresAt = expiry ?? undefined;
  if (expiresAt && store.settings.pastExpiry === 'refused') refusePast(expiresAt, store.clock.now());
  const slots = name ? [name] : slotNames;
  const generate = () => generateInto(request, token, slots, expiresAt);
  if (store.settings.generateCredentialsAnswer === 'later') return answerLater(request, generate);
  return { status: 200, body: generate(), changed: registry.id };
}

function generateInto(
  { registry, store }: RegistryRequest,
  token: RegistryToken,
  slots: readonly SlotName[],
  expiresAt: Date | undefined,
): unknown {
  for (const name of slots) {
    const password = { value: store.newPassword(), creationTime: store.timestamp(), expiresAt };
    token.slots[name].generate(password, store.clock.now(), store.replicationOf(registry));
  }
  return { username: token.name, passwords: passwordBodies(token, slots) };
}

function inWholeSeconds(text: string, context: z.RefinementCtx): Date {
  const instant = new Date(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(instant.getTime())) context.addIssue('is not a time');
  instant.setUTCMilliseconds(0);
  return instant;
}

function refusePast(expiresAt: Date, now: Date): void {
  if (expiresAt > now) return;
  throw new ServiceError('service', 400, 'InvalidExpiry', 'The expiry of a password must be in the future.');
}
