import { parseScopeMapAction, type RepositoryAction } from '../../contracts/access.ts';
import { isNamedAfter, ownScopeMapDescription, sameName } from '../../contracts/names.ts';
import type { Slot } from '../credential.ts';
import { exposedUntil } from '../evolve/ending.ts';
import type { RegistryToken } from '../facts.ts';
import { latest } from '../instant-arithmetic.ts';
import type { WorkOf } from '../plan.ts';
import type { ReadTags } from '../secret-tags.ts';
import { entryOf } from '../slots.ts';
import { type Access, type Managed, recordPart, type StateOf } from '../state.ts';
import { blockedBy, onRecord, type Proposal, type Situation, type World, withWorld } from './proposal.ts';

/**
 * A name without a record, but with a token in the registry and a secret that Keyturn wrote for it: the record was
 * lost, and is written again from the vault's tags. The lifecycle then goes on as if it had never been away.
 */
export function recoverLostRecord(situation: Situation): Proposal | undefined {
  const { state } = situation;
  if (state.status !== 'none') return undefined;
  const reading: WorkOf<'readLostRecord'> = { kind: 'readLostRecord' };
  const proposal = withWorld(situation, reading, (world) => {
    const newest = world.publications[0];
    const published = world.slots.published;
    if (!newest || !published || !world.token || world.secret.standing !== 'present')
      return onRecord(reading);
    const grants = situation.facts.scopeMapActions;
    if (grants && !grants.ok) return blockedBy(reading, grants);
    const { scopeMapDescription: description } = situation.facts;
    const map = { actions: grants?.value ?? [], description };
    const access = accessOf(state.identity.token, newest.tags, world.token, map);
    const managed = managedOf(newest.tags, access, world);
    return onRecord({
      kind: 'recover',
      recovered: recoveredState({ ...situation, state }, world, managed, published),
    });
  });
  return proposal.work.kind === 'recover' || proposal.blocked ? proposal : undefined;
}

/**
 * A token found disabled stays so. Whether it was disabled or revoked is told by its passwords: to revoke replaces both
 * of them, so that the published one is no longer the registry's. A revocation that had not come that far cannot be told
 * from disabling; one that is taken for more than it was can be undone by a reinstatement, which issues a new credential.
 */
function recoveredState(
  { state, now }: Situation<StateOf<'none'>>,
  { slots, token, publications }: World,
  managed: Managed,
  published: Slot,
): StateOf<'active' | 'disabled' | 'revoked'> {
  const newest = publications[0]?.tags;
  const kept = {
    ...recordPart(state),
    incarnation: newest?.incarnation ?? 1,
    generation: newest?.generation ?? 1,
    managed,
    warned: {},
  };
  const { credentials } = slots;
  if (token?.enabled) return { ...kept, status: 'active', credentials, published };
  if (!token || entryOf(token, published)?.createdAt === newest?.slotCreatedAt)
    return { ...kept, status: 'disabled', since: now, credentials, published };
  const since = latest(...token.passwords.map(({ createdAt }) => createdAt)) ?? now;
  const exposureUntil = exposedUntil(since);
  return { ...kept, status: 'revoked', since, exposureUntil, removed: false, credentials: {} };
}

function managedOf(tags: ReadTags, access: Access, { secret }: World): Managed {
  const [profile, rotateEvery, overlap] = tags.schedule;
  const { vault, secretName, secretUri } = secret;
  return {
    entrance: tags.entrance,
    owner: tags.owner,
    access,
    schedule: { profile, rotateEvery, overlap },
    ...(tags.endOfLife === undefined ? {} : { endOfLife: tags.endOfLife }),
    delivery: { format: tags.delivery, vault, secretName, secretUri },
  };
}

/** A map of that name that somebody else made came with the token when it was adopted. */
function accessOf(
  name: string,
  { entrance }: Pick<ReadTags, 'entrance'>,
  { scopeMap }: RegistryToken,
  { actions, description }: { actions: readonly string[]; description: string | undefined },
): Access {
  const ownDescription = ownScopeMapDescription(entrance, name);
  const isOurs = description === undefined || sameName(description, ownDescription);
  if (!isOurs || !isNamedAfter(scopeMap, name)) return { scopeMap, own: false };
  const repositories: Record<string, RepositoryAction[]> = {};
  for (const action of actions) {
    const grant = parseScopeMapAction(action);
    if (grant) repositories[grant.repository] = [...(repositories[grant.repository] ?? []), grant.action];
  }
  return { scopeMap, own: true, repositories };
}
