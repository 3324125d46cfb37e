import { z } from 'zod';
import { violation } from './violations.ts';

/** What a token may do in a repository, in Azure's words. */
export const repositoryActions = [
  'content/read',
  'content/write',
  'content/delete',
  'metadata/read',
  'metadata/write',
] as const;

export type RepositoryAction = (typeof repositoryActions)[number];

/** Actions in one scope map, in every tier. Source: Azure Container Registry service limits. */
export const mostActionsOfScopeMap = 500;

const segment = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';

/**
 * A repository's name, or all below a prefix: `team/*`, or `*` for all. A wildcard is the whole last segment.
 * `team/*` is not taken to mean the repository `team` itself.
 */
export const repositorySchema = z
  .string()
  .max(255)
  .regex(new RegExp(`^(?:${segment}/)*(?:${segment}|\\*)$`), violation('invalidRepository'));

/** Actions by repository; of any number, also none. */
export const anyRepositoriesSchema = z.record(
  repositorySchema,
  z.array(z.enum(repositoryActions)).min(1).max(repositoryActions.length),
);

/** Actions by repository that one scope map can grant: at least one, at most 500. */
export const repositoriesSchema = anyRepositoriesSchema
  .refine((repositories) => Object.keys(repositories).length > 0, violation('tooShort'))
  .refine(
    (repositories) => scopeMapActions(repositories).length <= mostActionsOfScopeMap,
    violation('tooManyActions'),
  );

export type Repositories = Readonly<Record<string, readonly RepositoryAction[]>>;

/** One action on one repository (or wildcard). */
export interface Grant {
  readonly repository: string;
  readonly action: RepositoryAction;
}

/** The grants of a set of repositories, each once, in a stable order. */
export function grantsOf(repositories: Repositories): Grant[] {
  return Object.keys(repositories)
    .sort()
    .flatMap((repository) => {
      const granted = new Set(repositories[repository]);
      return repositoryActions
        .filter((action) => granted.has(action))
        .map((action) => ({ repository, action }));
    });
}

/** The actions of the scope map that grants this, as Azure writes them; each once, in a stable order. */
export function scopeMapActions(repositories: Repositories): string[] {
  return grantsOf(repositories).map(actionOf);
}

/** Reads one action of a scope map; nothing if it is about something else than a repository. Case-insensitive. */
export function parseScopeMapAction(text: string): Grant | undefined {
  const [, repository, verb] = /^repositories\/(.+)\/([a-z]+\/[a-z]+)$/.exec(text.toLowerCase()) ?? [];
  const action = repositoryActions.find((known) => known === verb);
  return repository !== undefined && action ? { repository, action } : undefined;
}

/** Access as it is after some grants are added and others removed. What is in both is removed. */
export function changedRepositories(
  current: Repositories,
  added: Repositories,
  removed: Repositories,
): Repositories {
  const taken = new Set(scopeMapActions(removed));
  const all = new Map([...grantsOf(current), ...grantsOf(added)].map((grant) => [actionOf(grant), grant]));
  return repositoriesOf([...all].filter(([action]) => !taken.has(action)).map(([, grant]) => grant));
}

/** Grants by repository; the inverse of `grantsOf`. */
export function repositoriesOf(grants: readonly Grant[]): Repositories {
  const byRepository = Map.groupBy(grants, ({ repository }) => repository);
  return Object.fromEntries(
    [...byRepository].map(([repository, all]) => [repository, all.map(({ action }) => action)]),
  );
}

/** Actions in the form in which two lists are compared: each once, in lower case, in order. */
export function normalActions(actions: readonly string[]): string {
  return [...new Set(actions.map((action) => action.toLowerCase()))].sort().join('\n');
}

function actionOf({ repository, action }: Grant): string {
  return `repositories/${repository}/${action}`;
}
