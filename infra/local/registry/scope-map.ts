/** A scope map of the registry: what the tokens that use it may do. */
export interface ScopeMap {
  readonly name: string;
  readonly type: 'SystemDefined' | 'UserDefined';
  readonly description: string | undefined;
  readonly actions: readonly string[];
  /** As Azure writes it. */
  readonly creationDate: string;
  /** Who wrote it last, and when; system scope maps have none. */
  readonly systemData: SystemData | undefined;
}

export interface SystemData {
  /** Client id of the identity. */
  readonly by: string;
  /** As Azure writes it. */
  readonly at: string;
}

/** The one scope map with which a token may list the repositories of the registry (seen in Azure/acr issue 675). */
export const administratorScopeMap = '_repositories_admin';

/** The scope maps that every registry has and nobody can change. */
export function systemScopeMaps(creationDate: string): ScopeMap[] {
  const maps: [name: string, description: string, verbs: string[]][] = [
    [
      administratorScopeMap,
      'Can perform all read, write and delete operations on the registry',
      ['metadata/read', 'metadata/write', 'content/read', 'content/write', 'content/delete'],
    ],
    ['_repositories_pull', 'Can pull any repository of the registry', ['content/read']],
    [
      '_repositories_pull_metadata_read',
      'Can perform all read operations on the registry',
      ['content/read', 'metadata/read'],
    ],
    ['_repositories_push', 'Can push to any repository of the registry', ['content/read', 'content/write']],
    [
      '_repositories_push_metadata_write',
      'Can perform all read and write operations on the registry',
      ['metadata/read', 'metadata/write', 'content/read', 'content/write'],
    ],
  ];
  return maps.map(([name, description, verbs]) => ({
    name,
    type: 'SystemDefined',
    description,
    actions: verbs.map((verb) => `repositories/*/${verb}`),
    creationDate,
    systemData: undefined,
  }));
}
