import type { Configuration, Entrance } from '../../configuration/configuration.ts';
import type { Instant } from '../../contracts/instants.ts';
import { ownScopeMapDescription, sameName } from '../../contracts/names.ts';
import { recoverLostRecord } from '../../lifecycle/decide/recover.ts';
import type { RegistryToken, VaultSecret } from '../../lifecycle/facts.ts';
import { isDue, plus } from '../../lifecycle/instant-arithmetic.ts';
import { type ReadTags, readTags } from '../../lifecycle/secret-tags.ts';
import { entryOf, publications } from '../../lifecycle/slots.ts';
import {
  type ManagedState,
  managedPart,
  newState,
  type StateOf,
  type TokenIdentity,
} from '../../lifecycle/state.ts';
import { nameFitsAny } from '../../policy/text-pattern.ts';
import type { ScopeMap } from '../../ports/token-registry.ts';
import type { Ambiguity, Note } from './ambiguities.ts';

/** All that registry and vaults show of one token. */
export interface FoundToken {
  readonly identity: TokenIdentity;
  /** Null: the registry has no such token. */
  readonly token: RegistryToken | null;
  /** The one that the token is bound to. */
  readonly scopeMap: ScopeMap | null;
  /** Secrets that some tags, or the name that Keyturn would give, say are for this token; also deleted ones. */
  readonly secrets: readonly VaultSecret[];
}

export type Restoration =
  | { readonly kind: 'restored'; readonly state: ManagedState; readonly notes: readonly Note[] }
  | { readonly kind: 'notKeyturns' }
  /** It was deleted; what is left of it is a deleted secret. */
  | { readonly kind: 'deleted' }
  | { readonly kind: 'ambiguous'; readonly why: Ambiguity };

/**
 * The record of a token that was lost, by what is found of it. It never says more than registry and vault prove: a
 * token is only taken for active if it is enabled and its password can be read, and what is contradictory is left to
 * a person. Who may manage the token is taken from the tags only where the configuration says the same, since whoever
 * may write to some vault could otherwise claim any token for another entrance.
 */
export function restoredState(found: FoundToken, configuration: Configuration, now: Instant): Restoration {
  const { identity, token } = found;
  const present = found.secrets.filter(({ standing }) => standing === 'present');
  if (!token) return withoutToken(found);
  if (present.length === 0) return withoutSecret(found);
  const chosen = chosenSecret(present, identity, token);
  if (!chosen) return ambiguous('severalSecrets');
  const tags = tagsOfNewest(chosen, identity);
  if (typeof tags === 'string') return tags === 'notKeyturns' ? withoutSecret(found) : ambiguous(tags);
  const contradiction = contradictionIn(tags, chosen, found, configuration);
  if (contradiction) return ambiguous(contradiction);
  if (token.enabled && !newestOf(chosen)?.enabled) return ambiguous('enabledButSecretOff');
  const state = recovered(found, chosen, now);
  if (!state) return ambiguous('tagsDamaged');
  return { kind: 'restored', state, notes: notesOn(state, token, tags, present.length) };
}

function ambiguous(why: Ambiguity): Restoration {
  return { kind: 'ambiguous', why };
}

function withoutToken({ identity, secrets }: FoundToken): Restoration {
  const ours = secrets.filter(({ versions }) => publications(versions, identity).length > 0);
  if (ours.length === 0) return { kind: 'notKeyturns' };
  return ours.some(({ standing }) => standing === 'present')
    ? ambiguous('tokenMissing')
    : { kind: 'deleted' };
}

/** A token is Keyturn's without a secret if its scope map says so. */
function withoutSecret({ identity, secrets, scopeMap }: FoundToken): Restoration {
  const deleted = secrets.some(({ standing }) => standing === 'softDeleted');
  if (deleted) return ambiguous('secretDeleted');
  const [, entrance] = /^keyturn:([^/]+)\//.exec(scopeMap?.description ?? '') ?? [];
  const ours =
    entrance !== undefined &&
    sameName(scopeMap?.description ?? '', ownScopeMapDescription(entrance, identity.token));
  return ours ? ambiguous('secretMissing') : { kind: 'notKeyturns' };
}

/** Of several, the only one whose newest version carries a password that the registry still has. */
function chosenSecret(
  present: readonly VaultSecret[],
  identity: TokenIdentity,
  token: RegistryToken,
): VaultSecret | undefined {
  if (present.length === 1) return present[0];
  const alive = present.filter((secret) => {
    const tags = readTags(newestOf(secret)?.tags ?? {}, identity);
    return tags && isThere(token, tags);
  });
  return alive.length === 1 ? alive[0] : undefined;
}

/** Whether the registry still has that password. */
function isThere(token: RegistryToken, { slot, slotCreatedAt }: ReadTags): boolean {
  return entryOf(token, slot)?.createdAt === slotCreatedAt;
}

function newestOf({ versions }: VaultSecret) {
  return [...versions].sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1))[0];
}

/** What Keyturn wrote to the newest version; or why that cannot be told. */
function tagsOfNewest(
  secret: VaultSecret,
  identity: TokenIdentity,
): ReadTags | Extract<Ambiguity, 'secretNotOurs' | `other${string}` | 'tagsDamaged'> | 'notKeyturns' {
  const found = publications(secret.versions, identity);
  const newest = newestOf(secret);
  // Within one second, the vault's times do not tell which version is the newest.
  if (found[0] && found[0].version.createdAt === newest?.createdAt) return found[0].tags;
  if (found[0]) return 'secretNotOurs';
  const { registry, loginServer, token } = newest?.tags ?? {};
  if (token === undefined || !sameName(token, identity.token)) return 'notKeyturns';
  if (loginServer === undefined || registry === undefined) return 'tagsDamaged';
  if (!sameName(loginServer, identity.loginServer)) return 'otherLoginServer';
  return sameName(registry, identity.registry) ? 'tagsDamaged' : 'otherRegistryName';
}

function contradictionIn(
  tags: ReadTags,
  { vault }: VaultSecret,
  { identity }: FoundToken,
  { entrances }: Configuration,
): Ambiguity | undefined {
  const entrance = entrances.get(tags.entrance);
  if (!entrance) return 'entranceNotConfigured';
  if (!isWithin(entrance, identity)) return 'outsidePolicy';
  return entrance.policy.vault === vault ? undefined : 'otherVault';
}

function isWithin({ policy }: Entrance, { registry, token }: TokenIdentity): boolean {
  return policy.registries.includes(registry) && nameFitsAny(token, policy.tokens);
}

/** As the lifecycle itself takes up a lost record; and one whose life is over is not begun anew. */
function recovered(
  { identity, token, scopeMap }: FoundToken,
  secret: VaultSecret,
  now: Instant,
): ManagedState | undefined {
  const proposal = recoverLostRecord({
    state: newState(identity),
    commands: [],
    facts: {
      rules: { disableSecret: true, rotateOnScopeMapChange: false },
      token: { ok: true, value: token },
      secret: { ok: true, value: secret },
      scopeMapActions: { ok: true, value: scopeMap?.actions ?? [] },
      ...(scopeMap ? { scopeMapDescription: scopeMap.description } : {}),
      judgements: {},
    },
    now,
  });
  if (proposal?.work.kind !== 'recover') return undefined;
  const state = proposal.work.recovered;
  return numbered(state.status === 'revoked' ? state : (ended(state, token, now) ?? state), now);
}

/** Past its end of life, and nobody can log in with it. While somebody can, the lifecycle has to end it. */
function ended(
  state: StateOf<'active' | 'disabled'>,
  token: RegistryToken | null,
  now: Instant,
): StateOf<'expired'> | undefined {
  const { endOfLife } = state.managed;
  const ranOut = token?.passwords.every(({ expiresAt }) => isDue(expiresAt, now)) ?? true;
  if (endOfLife === undefined || endOfLife > now || (token?.enabled && !ranOut)) return undefined;
  return { ...managedPart(state), status: 'expired', since: endOfLife };
}

/**
 * Plans are numbered on from the present second, which is more than any record had reached: so a step or a settling
 * from before the loss that was frozen meanwhile finds that its plan is superseded. The lifecycle is looked for at once.
 */
function numbered(state: ManagedState, now: Instant): ManagedState {
  const plan = Math.floor(Date.parse(now) / 1_000);
  return { ...state, plan, settled: plan, lookAt: plus(now, 0) };
}

function notesOn(state: ManagedState, token: RegistryToken, tags: ReadTags, secrets: number): Note[] {
  const found: Note[] = [];
  if (state.status === 'disabled') found.push('foundDisabled');
  if (state.status === 'revoked') found.push('foundRevoked');
  if (state.status === 'active' && !isThere(token, tags)) found.push('passwordReplaced');
  if (secrets > 1) found.push('otherSecrets');
  return found;
}
