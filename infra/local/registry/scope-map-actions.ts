/** What somebody may do with a repository, in the login server's words. */
export type RepositoryAction = 'pull' | 'push' | 'delete' | 'metadata_read' | 'metadata_write';

const repositoryActions: Readonly<Record<string, RepositoryAction>> = {
  'content/read': 'pull',
  'content/write': 'push',
  'content/delete': 'delete',
  'metadata/read': 'metadata_read',
  'metadata/write': 'metadata_write',
};

const gatewayActions = ['config/read', 'config/write', 'message/read', 'message/write'];

const pathComponent = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${pathComponent}(?:/${pathComponent})*$`);
/** A wildcard stands for the last segments of a name: `*` for every repository, `team/*` for all below `team/`. */
const repositoryRulePattern = new RegExp(`^(?:${pathComponent}/)*(?:${pathComponent}|\\*)$`);

/** The rule that one action of a scope map states; gateway actions (of connected registries) grant nothing here. */
export interface ScopeMapRule {
  readonly repository: string | undefined;
  readonly action: RepositoryAction | undefined;
}

/** Reads an action such as `repositories/samples/hello-world/content/read`; nothing if Azure would refuse it. */
export function parseScopeMapAction(text: string): ScopeMapRule | undefined {
  const parts = /^(repositories|gateway)\/(.+)\/([a-z]+\/[a-z]+)$/.exec(text);
  const [, kind, name = '', verb = ''] = parts ?? [];
  if (kind === 'gateway') {
    const known = gatewayActions.includes(verb) && /^[a-z0-9]+$/.test(name);
    return known ? { repository: undefined, action: undefined } : undefined;
  }
  const action = Object.hasOwn(repositoryActions, verb) ? repositoryActions[verb] : undefined;
  return kind && action && repositoryRulePattern.test(name) ? { repository: name, action } : undefined;
}

/** What the actions of a scope map together allow on one repository. */
export function grantedActions(actions: readonly string[], repository: string): Set<RepositoryAction> {
  const granted = new Set<RepositoryAction>();
  for (const text of actions) {
    const rule = parseScopeMapAction(text);
    if (rule?.action && rule.repository !== undefined && covers(rule.repository, repository))
      granted.add(rule.action);
  }
  return granted;
}

export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && repositoryPattern.test(text);
}

function covers(rule: string, repository: string): boolean {
  return rule.endsWith('*') ? repository.startsWith(rule.slice(0, -1)) : rule === repository;
}
