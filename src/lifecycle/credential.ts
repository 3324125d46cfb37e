import { z } from 'zod';
import { instantSchema } from '../contracts/instants.ts';
import { slotSchema } from '../contracts/names.ts';

export type Slot = z.output<typeof slotSchema>;

export const slots: readonly Slot[] = slotSchema.options;

export function otherSlot(slot: Slot): Slot {
  return slot === 'password1' ? 'password2' : 'password1';
}

/** One generation of a slot's password, as published in the vault. Never its value. */
export const credentialSchema = z.object({
  /** Which life of the token's name it belongs to; with the generation it is the rotation id. */
  incarnation: z.int().min(1),
  generation: z.int().min(1),
  slot: slotSchema,
  /** When the registry made the password. It tells this password from any other that the slot ever held. */
  slotCreatedAt: instantSchema,
  /** When the vault took it as a new secret version; since then it is what consumers read. */
  publishedAt: instantSchema,
  expiresAt: instantSchema,
  secretVersion: z.string(),
  /** False if the login server could not be reached and Keyturn waited instead of logging in. */
  verified: z.boolean(),
  /** When another credential took its place. */
  supersededAt: instantSchema.optional(),
  /** When its password is to be ended, if that is before its own expiry. */
  retireAt: instantSchema.optional(),
  /** When it was. */
  retiredAt: instantSchema.optional(),
});

export type Credential = z.output<typeof credentialSchema>;

/** The last credential on record for each slot. */
export const credentialsSchema = z.object({
  password1: credentialSchema.optional(),
  password2: credentialSchema.optional(),
});

export type Credentials = z.output<typeof credentialsSchema>;
