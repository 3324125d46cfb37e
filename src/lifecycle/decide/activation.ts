import { sameName } from '../../contracts/names.ts';
import { readTags } from '../secret-tags.ts';
import type { Managed, TokenIdentity } from '../state.ts';
import type { Step } from '../steps.ts';
import type { World } from './proposal.ts';
import { isPublished } from './reissue.ts';

/** What brings a token up, whatever of it there is already: map, token, binding, status, and a new credential if need be. */
export function activationSteps(managed: Managed, world: World, issue?: Step<'issueCredential'>): Step[] {
  const { access, delivery, entrance } = managed;
  const { vault, secretName } = delivery;
  const steps: Step[] = [];
  if (issue) steps.push(...recoverySteps(managed, world));
  if (access.own && access.repositories) {
    const { scopeMap, repositories } = access;
    steps.push({ kind: 'ensureScopeMap', input: { scopeMap, entrance, repositories } });
  }
  steps.push(...tokenSteps(managed, world));
  if (isSwitchedOff(world) && (!issue || isPublished(issue.input, world))) {
    steps.push({ kind: 'setSecretVersion', input: { vault, secretName, enabled: true } });
  }
  if (issue) steps.push(issue);
  return steps;
}

/** A secret that was deleted is brought back before a credential is written over it. */
export function recoverySteps({ delivery: { vault, secretName } }: Managed, { secret }: World): Step[] {
  return secret.standing === 'softDeleted' ? [{ kind: 'recoverSecret', input: { vault, secretName } }] : [];
}

/** The version that is published was switched off with the token; one that is written now is on. */
function isSwitchedOff({ publications, secret }: World): boolean {
  return secret.standing === 'present' && publications[0]?.version.enabled === false;
}

function tokenSteps({ access: { scopeMap } }: Managed, { token }: World): Step[] {
  if (!token) return [{ kind: 'createToken', input: { scopeMap } }];
  const steps: Step[] = [];
  if (!sameName(token.scopeMap, scopeMap)) steps.push({ kind: 'bindScopeMap', input: { scopeMap } });
  if (!token.enabled) steps.push({ kind: 'setTokenStatus', input: { enabled: true } });
  return steps;
}

/** Whether the secret's name is taken by something that Keyturn did not write for this token. */
export function isForeignSecret({ secret }: World, identity: TokenIdentity): boolean {
  const newest = [...secret.versions].sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1))[0];
  return newest !== undefined && readTags(newest.tags, identity) === undefined;
}
