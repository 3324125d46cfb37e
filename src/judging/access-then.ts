import {
  changedRepositories,
  mostActionsOfScopeMap,
  parseScopeMapAction,
  type Repositories,
  repositoriesOf,
  scopeMapActions,
} from '../contracts/access.ts';
import type { Command, CommandOf } from '../contracts/commands.ts';
import { ownScopeMapName } from '../contracts/names.ts';
import type { Access, TokenState } from '../lifecycle/state.ts';
import type { PolicyFacts } from '../policy/judged.ts';
import type { TokenRegistry } from '../ports/token-registry.ts';
import type { Unfitness } from './unfit.ts';

/** What a token will be able to do once a command is carried out. */
export type AccessThen =
  | {
      readonly known: true;
      readonly access: Access;
      /** All actions of its scope map then. */
      readonly actions: readonly string[];
    }
  | { readonly known: false; readonly code: 'scopeMapMissing' | 'noSuchToken' };

/**
 * What a command means for what its token can do; undefined if it does not touch that. A scope map that is named is
 * read, and so is the one that a token has which is to be adopted. Repositories are added to and removed from what the token may do now: if that is a shared map's content, it
 * gets its own map with all of it, since a shared map is never changed.
 *
 * @throws ServiceFailure
 */
export async function accessThen(
  command: Command,
  state: TokenState | undefined,
  registry: TokenRegistry,
): Promise<AccessThen | undefined> {
  switch (command.type) {
    case 'keyturn.token.requested': {
      const { access, token } = command.data;
      if ('scopeMap' in access) return shared(access.scopeMap, registry);
      return own(tokenName(state, token), access.repositories);
    }
    case 'keyturn.token.adoption-requested':
      return asItIs(command.data.token, registry);
    case 'keyturn.token.access-changed':
      return changed(command, state, registry);
    default:
      return undefined;
  }
}

async function changed(
  { data: { access } }: CommandOf<'keyturn.token.access-changed'>,
  state: TokenState | undefined,
  registry: TokenRegistry,
): Promise<AccessThen | undefined> {
  if ('scopeMap' in access) return shared(access.scopeMap, registry);
  if (!state || state.status === 'none') return undefined;
  const current = await currentRepositories(state.managed.access, registry);
  return own(state.identity.token, changedRepositories(current, access.added ?? {}, access.removed ?? {}));
}

async function currentRepositories(
  { own: isOwn, repositories, scopeMap }: Access,
  registry: TokenRegistry,
): Promise<Repositories> {
  if (isOwn) return repositories ?? {};
  const found = await registry.readScopeMap(scopeMap);
  return repositoriesOf((found?.actions ?? []).flatMap((action) => parseScopeMapAction(action) ?? []));
}

/** What the policy has to know of the scope map that an adopted token keeps. */
export function boundScopeMap({ type }: Command, { scopeMap }: Access): Pick<PolicyFacts, 'boundScopeMap'> {
  return type === 'keyturn.token.adoption-requested' ? { boundScopeMap: scopeMap } : {};
}

async function asItIs(token: string, registry: TokenRegistry): Promise<AccessThen> {
  const found = await registry.readToken(token);
  return found ? shared(found.scopeMap, registry) : { known: false, code: 'noSuchToken' };
}

async function shared(scopeMap: string, registry: TokenRegistry): Promise<AccessThen> {
  const found = await registry.readScopeMap(scopeMap);
  if (!found) return { known: false, code: 'scopeMapMissing' };
  return { known: true, access: { scopeMap, own: false }, actions: found.actions };
}

function own(token: string, repositories: Repositories): AccessThen {
  const scopeMap = ownScopeMapName(token);
  const access = { scopeMap, own: true, repositories: mutable(repositories) };
  return { known: true, access, actions: scopeMapActions(repositories) };
}

function mutable(repositories: Repositories): NonNullable<Access['repositories']> {
  return Object.fromEntries(Object.entries(repositories).map(([name, actions]) => [name, [...actions]]));
}

/** The record knows in which case the token's name was first written. */
function tokenName(state: TokenState | undefined, token: string): string {
  return state?.identity.token ?? token;
}

/** What no own scope map can hold, by the name of the rule that says so; undefined if it can. */
export function unfitForScopeMap({ own: isOwn }: Access, actions: readonly string[]): Unfitness | undefined {
  if (!isOwn) return undefined;
  if (actions.length === 0) return 'nothingLeft';
  return actions.length > mostActionsOfScopeMap ? 'tooManyActions' : undefined;
}
