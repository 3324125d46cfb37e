import type { ContainerRegistry, RegistryToken } from '../container-registry.ts';
import { administratorScopeMap } from '../scope-map.ts';
import { grantedActions } from '../scope-map-actions.ts';

/** Actions on one thing, as access tokens and scopes name it: a repository, or `registry` `catalog`. */
export interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** Who logged in. */
export type Account =
  | { readonly kind: 'token'; readonly token: RegistryToken }
  | { readonly kind: 'administrator' }
  | { readonly kind: 'anonymous' };

const everyRepositoryAction = ['pull', 'push', 'delete', 'metadata_read', 'metadata_write'];

/** Reads scopes such as `repository:samples/hello-world:pull,push`, several in one text with blanks between; others are left out. */
export function parseScopes(texts: readonly string[]): Access[] {
  return texts
    .flatMap((text) => text.split(' '))
    .flatMap((scope) => {
      const [, type, name, actions] = /^(repository|registry)(?:\([^)]*\))?:(.+):([^:]+)$/.exec(scope) ?? [];
      return type && name && actions ? [{ type, name, actions: actions.split(',') }] : [];
    });
}

/** The part of what is asked for that the account may do now. */
export function grantAccess(
  registry: ContainerRegistry,
  account: Account,
  asked: readonly Access[],
): Access[] {
  return asked.flatMap(({ type, name, actions }) => {
    const allowed = allowedActions(registry, account, type, name);
    const granted = actions.includes('*') ? allowed : allowed.filter((action) => actions.includes(action));
    return granted.length > 0 ? [{ type, name, actions: granted }] : [];
  });
}

/** Whether all of what is needed is in the access that was given. */
export function isCovered(needed: readonly Access[], given: readonly Access[]): boolean {
  return needed.every(({ type, name, actions }) =>
    actions.every((action) =>
      given.some((one) => one.type === type && one.name === name && one.actions.includes(action)),
    ),
  );
}

/** Access as a scope says it. */
export function scopeText({ type, name, actions }: Access): string {
  return `${type}:${name}:${actions.join(',')}`;
}

function allowedActions(registry: ContainerRegistry, account: Account, type: string, name: string): string[] {
  if (type === 'registry') return name === 'catalog' && mayListRepositories(account) ? ['*'] : [];
  switch (account.kind) {
    case 'administrator':
      return everyRepositoryAction;
    case 'anonymous':
      return registry.anonymousPullEnabled ? ['pull'] : [];
    case 'token': {
      const actions = registry.scopeMaps.get(account.token.scopeMap)?.actions ?? [];
      return [...grantedActions(actions, name)];
    }
  }
}

function mayListRepositories(account: Account): boolean {
  if (account.kind === 'token') return account.token.scopeMap === administratorScopeMap;
  return account.kind === 'administrator';
}
