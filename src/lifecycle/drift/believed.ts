import { createHash } from 'node:crypto';
import { z } from 'zod';
import { normalActions, scopeMapActions } from '../../contracts/access.ts';
import { instantSchema } from '../../contracts/instants.ts';
import { slotSchema } from '../../contracts/names.ts';
import { type Credential, type Slot, slots } from '../credential.ts';
import { promisedUntil } from '../slots.ts';
import type { ManagedState, StateOf } from '../state.ts';
import { ownWorkSchema } from './open-finding.ts';

/** For each slot, something or nothing. */
function bySlot<Schema extends z.ZodType>(schema: Schema) {
  return z.object({ password1: schema.optional(), password2: schema.optional() });
}

/** What the registry and the vault hold of a token, as far as Keyturn knows. Short, since the inventory keeps it. */
export const believedSchema = z.object({
  status: z.enum(['active', 'disabled', 'expired', 'revoked']),
  entrance: z.string(),
  scopeMap: z.string(),
  /** Digest of what the own scope map grants; missing for a shared map, whose content is somebody else's. */
  grants: z.string().optional(),
  published: slotSchema.optional(),
  /** The passwords that Keyturn made, and until when each is to work; without `until` it need not. */
  passwords: bySlot(z.object({ createdAt: instantSchema, until: instantSchema.optional() })),
  /** Passwords in the slots that are not on record, and that have been accounted for. */
  accounted: bySlot(instantSchema),
  /** What was made then may be our own, although we do not know: a step that was killed does not tell. */
  ownWork: ownWorkSchema.optional(),
  secret: z.object({
    vault: z.string(),
    secretName: z.string(),
    incarnation: z.int(),
    generation: z.int(),
  }),
});

export type Believed = z.output<typeof believedSchema>;

/** Of a token that is there and not being made; nothing of any other, of which there is nothing to compare. */
export function believedOf(state: ManagedState): Believed | undefined {
  if (!isThere(state)) return undefined;
  const { managed, credentials, published, status, accounted, ownWork } = state;
  const { access, delivery, schedule, entrance } = managed;
  const { repositories } = access;
  const passwords = slots.flatMap((slot) => {
    const credential = credentials[slot];
    return credential ? [[slot, passwordOf(credential, published === slot, schedule.overlap)]] : [];
  });
  return {
    status,
    entrance,
    scopeMap: access.scopeMap,
    ...(access.own && repositories ? { grants: digestOfActions(scopeMapActions(repositories)) } : {}),
    ...(published === undefined ? {} : { published }),
    passwords: Object.fromEntries(passwords),
    accounted: accounted ?? {},
    ...(ownWork ? { ownWork } : {}),
    secret: {
      vault: delivery.vault,
      secretName: delivery.secretName,
      incarnation: state.incarnation,
      generation: state.generation,
    },
  };
}

/** The same for the same actions in any order and case. */
export function digestOfActions(actions: readonly string[]): string {
  return createHash('sha256').update(normalActions(actions)).digest('base64url').slice(0, 22);
}

function isThere(state: ManagedState): state is StateOf<'active' | 'disabled' | 'expired' | 'revoked'> {
  if (state.status === 'revoked') return !state.removed;
  return state.status === 'active' || state.status === 'disabled' || state.status === 'expired';
}

function passwordOf(
  credential: Credential,
  isPublished: boolean,
  overlap: string,
): NonNullable<Believed['passwords'][Slot]> {
  const { slotCreatedAt: createdAt, expiresAt, retiredAt } = credential;
  if (retiredAt !== undefined) return { createdAt };
  return { createdAt, until: isPublished ? expiresAt : promisedUntil(credential, overlap) };
}
