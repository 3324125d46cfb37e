import { z } from 'zod';
import { type Instant, instantSchema } from '../contracts/instants.ts';

/** What Keyturn writes down of a registry while it watches it; each kind is read and written as a whole. */
export type NoteKind =
  /** What the registry said of itself when it was seen first. */
  | 'facts'
  /** When Azure's reports came last. */
  | 'reports'
  /** Which comparison is wanted or under way. */
  | 'comparison'
  /** How full it was when it was compared last: see `notedCapacitySchema`. */
  | 'capacity';

/** How many tokens a registry has, managed or not. */
export interface NotedCapacity {
  readonly tokens: number;
  /** The most that its tier has room for; missing: the tier is not known. */
  readonly limit?: number | undefined;
  readonly tier: string;
  readonly at: Instant;
}

export const notedCapacitySchema: z.ZodType<NotedCapacity> = z.object({
  tokens: z.int().min(0),
  limit: z.int().min(1).optional(),
  tier: z.string(),
  at: instantSchema,
});

/** A note as it was read; what is written next is conditional on it. */
export interface StoredNote {
  /** JSON; a note of another release may say it otherwise. */
  readonly value: unknown;
  readonly etag: string;
}

/** @throws ServiceFailure from every method */
export interface RegistryNotes {
  readNote(registry: string, kind: NoteKind): Promise<StoredNote | undefined>;
  /** Undefined: it is no longer as it was read (`earlier`; undefined: there was none). */
  writeNote(
    registry: string,
    kind: NoteKind,
    value: unknown,
    earlier: StoredNote | undefined,
  ): Promise<StoredNote | undefined>;
}
