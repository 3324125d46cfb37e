import { type Duration, milliseconds } from '../contracts/durations.ts';
import type { Instant } from '../contracts/instants.ts';
import { type Credential, type Credentials, otherSlot, type Slot, slots } from './credential.ts';
import type { RegistryToken, SecretVersion, SlotEntry } from './facts.ts';
import { earliest, isDue, plus, second } from './instant-arithmetic.ts';
import { type ReadTags, readTags } from './secret-tags.ts';
import type { TokenIdentity } from './state.ts';

/** A password that the vault published, as the tags of the version that carries it say. */
export interface Publication {
  readonly tags: ReadTags;
  readonly version: SecretVersion;
  /** When the next version took its place; missing for the newest. */
  readonly supersededAt?: Instant;
}

/** What is known of the passwords of a token, from the vault and from its record. */
export interface SlotKnowledge {
  readonly credentials: Credentials;
  readonly published?: Slot | undefined;
}

/**
 * The publications of a secret, newest first. The vault lists versions in no useful order and knows the time only
 * to the second, so equal times are told apart by the rotation id. Versions that others wrote are left out.
 */
export function publications(versions: readonly SecretVersion[], token: TokenIdentity): Publication[] {
  const ours = versions
    .flatMap((version) => {
      const tags = readTags(version.tags, token);
      return tags ? [{ tags, version }] : [];
    })
    .sort(newestFirst);
  return ours.map((publication, index) => {
    const next = ours[index - 1];
    return next ? { ...publication, supersededAt: supersededBy(next.version) } : publication;
  });
}

/** From when on consumers read another version. The vault's times are cut to whole seconds: the later end counts. */
export function supersededBy(next: Pick<SecretVersion, 'createdAt'>): Instant {
  return plus(next.createdAt, second);
}

function newestFirst(one: Publication, other: Publication): number {
  if (one.version.createdAt !== other.version.createdAt) {
    return one.version.createdAt < other.version.createdAt ? 1 : -1;
  }
  return other.tags.incarnation - one.tags.incarnation || other.tags.generation - one.tags.generation;
}

/** The credential that a publication stands for. */
export function credentialOf({ tags, version, supersededAt }: Publication): Credential {
  return {
    incarnation: tags.incarnation,
    generation: tags.generation,
    slot: tags.slot,
    slotCreatedAt: tags.slotCreatedAt,
    publishedAt: version.createdAt,
    expiresAt: version.expiresAt ?? version.createdAt,
    secretVersion: version.version,
    verified: true,
    ...(supersededAt === undefined ? {} : { supersededAt }),
  };
}

/** What the vault's tags say about the two slots; where they say nothing, what the record believes. */
export function slotKnowledge(found: readonly Publication[], believed: SlotKnowledge): SlotKnowledge {
  const newest = found[0];
  const credentials: Credentials = {};
  for (const slot of slots) {
    const tagged = found.find(({ tags }) => tags.slot === slot);
    const known = believed.credentials[slot];
    const credential = tagged ? credentialOf(tagged) : known;
    if (!credential) continue;
    const samePassword = known?.slotCreatedAt === credential.slotCreatedAt;
    credentials[slot] = samePassword ? { ...known, ...credential, verified: known.verified } : credential;
  }
  return { credentials, published: newest ? newest.tags.slot : believed.published };
}

/** Whether a slot still holds the password of that credential, and it has not run out. */
export function isAlive(
  credential: Credential | undefined,
  token: Pick<RegistryToken, 'passwords'>,
  now: Instant,
): boolean {
  if (!credential) return false;
  const entry = entryOf(token, credential.slot);
  return entry !== undefined && entry.createdAt === credential.slotCreatedAt && !isDue(entry.expiresAt, now);
}

export function entryOf(token: Pick<RegistryToken, 'passwords'>, slot: Slot): SlotEntry | undefined {
  return token.passwords.find((entry) => entry.slot === slot);
}

/** Until when the password of a slot that is not published was promised to work. */
export function promisedUntil(credential: Credential, overlap: Duration): Instant {
  const supersededAt = credential.supersededAt ?? supersededBy({ createdAt: credential.publishedAt });
  const promise = credential.retireAt ?? plus(supersededAt, milliseconds(overlap));
  return earliest(promise, credential.expiresAt);
}

export type SlotChoice =
  | { readonly ok: true; readonly slot: Slot; readonly cutShort?: CutShort }
  /** No slot is free before then. */
  | { readonly ok: false; readonly freeAt: Instant };

/** A password that ends before its overlap is over. */
export interface CutShort {
  readonly slot: Slot;
  readonly generation: number;
  readonly promisedUntil: Instant;
}

/**
 * The slot for the next credential. A slot is free when it is empty, has run out, does not hold the password on
 * record, or was superseded at least `overlap` ago; one that is dead goes first. If none is free, the
 * previous password is cut short only where that is allowed. The published slot is never taken while it is alive.
 */
export function chooseSlot(
  token: Pick<RegistryToken, 'passwords'>,
  knowledge: SlotKnowledge,
  asked: { readonly overlap: Duration; readonly mayCutShort: boolean; readonly now: Instant },
): SlotChoice {
  const { credentials, published } = knowledge;
  const dead = slots.filter((slot) => !isAlive(credentials[slot], token, asked.now));
  const slot = dead.find((each) => each !== published) ?? dead[0] ?? otherSlot(published ?? 'password2');
  const replaced = slot === published ? undefined : credentials[slot];
  const promise = replaced && promisedUntil(replaced, asked.overlap);
  if (!replaced || promise === undefined || promise <= asked.now) return { ok: true, slot };
  if (dead.length === 0 && !asked.mayCutShort) return { ok: false, freeAt: promise };
  const { generation } = replaced;
  return { ok: true, slot, cutShort: { slot, generation, promisedUntil: promise } };
}
