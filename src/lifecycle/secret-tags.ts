import { z } from 'zod';
import { durationSchema } from '../contracts/durations.ts';
import { dateSchema, instantSchema } from '../contracts/instants.ts';
import { sameName, slotSchema } from '../contracts/names.ts';
import type { Slot } from './credential.ts';
import type { Managed, TokenIdentity } from './state.ts';

/** The tags of a secret version: at most 15, each value at most 256 characters. Source: Key Vault's limits. */
export type Tags = Readonly<Record<string, string>>;

/** Which password a secret version carries. */
export interface TaggedCredential {
  readonly incarnation: number;
  readonly generation: number;
  readonly slot: Slot;
  readonly slotCreatedAt: string;
}

const tagsSchema = z.object({
  registry: z.string(),
  loginServer: z.string(),
  token: z.string(),
  incarnation: z.coerce.number().int().min(1),
  generation: z.coerce.number().int().min(1),
  slot: slotSchema,
  slotCreatedAt: instantSchema,
  entrance: z.string(),
  owner: z.string(),
  schedule: z
    .string()
    .transform((text) => text.split(' '))
    .pipe(z.tuple([z.string(), durationSchema, durationSchema])),
  endOfLife: dateSchema.optional(),
  delivery: z.enum(['password', 'dockerConfigJson']),
  scopeMap: z.string(),
});

/** What the tags of a secret version say; enough to take a token up again when its record is lost. */
export type ReadTags = z.output<typeof tagsSchema>;

/** The tags by which a secret version says which password it carries, and how the token is managed. */
export function tagsOf(token: TokenIdentity, managed: Managed, credential: TaggedCredential): Tags {
  const { profile, rotateEvery, overlap } = managed.schedule;
  return {
    ...token,
    incarnation: String(credential.incarnation),
    generation: String(credential.generation),
    slot: credential.slot,
    slotCreatedAt: credential.slotCreatedAt,
    entrance: managed.entrance,
    owner: managed.owner,
    schedule: `${profile} ${rotateEvery} ${overlap}`,
    ...(managed.endOfLife === undefined ? {} : { endOfLife: managed.endOfLife }),
    delivery: managed.delivery.format,
    scopeMap: managed.access.scopeMap,
  };
}

/** Reads the tags of a secret version; nothing unless Keyturn wrote them for this very token. */
export function readTags(tags: Tags, token: TokenIdentity): ReadTags | undefined {
  const read = tagsSchema.safeParse(tags);
  if (!read.success) return undefined;
  const { registry, loginServer, token: name } = read.data;
  const ours =
    sameName(registry, token.registry) &&
    sameName(loginServer, token.loginServer) &&
    sameName(name, token.token);
  return ours ? read.data : undefined;
}
