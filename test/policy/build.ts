import { type Command, commandSchema } from '../../src/contracts/commands.ts';
import type { Judged, PolicyFacts } from '../../src/policy/judged.ts';
import { type Policy, policySchema } from '../../src/policy/policy-document.ts';
import { standardProfiles } from '../../src/policy/profile.ts';

export const now = '2026-03-01T12:00:00.000Z';
export const profiles = new Map(Object.entries(standardProfiles));

/** A policy for a web team, with changes. */
export function policy(changes: Readonly<Record<string, unknown>> = {}): Policy {
  return policySchema.parse({
    sources: ['/form/*'],
    owners: ['web', 'team-*'],
    commands: [
      'keyturn.token.requested',
      'keyturn.token.adoption-requested',
      'keyturn.token.rotation-requested',
      'keyturn.token.access-changed',
      'keyturn.token.revocation-requested',
    ],
    registries: ['contoso'],
    tokens: ['web-*'],
    repositories: { 'web/*': ['content/read', 'content/write'], 'shared/base': ['content/read'] },
    scopeMaps: ['shared-pull'],
    vault: 'web-vault',
    profiles: ['standard', 'live'],
    ...changes,
  });
}

/** A command of that type, with changes of its data. */
export function command(
  type: Command['type'] = 'keyturn.token.requested',
  changes: Readonly<Record<string, unknown>> = {},
): Command {
  const own = {
    'keyturn.token.requested': { owner: 'web', access: { repositories: { 'web/api': ['content/read'] } } },
    'keyturn.token.adoption-requested': { owner: 'web', slot: 'password2' },
    'keyturn.token.rotation-requested': {},
    'keyturn.token.access-changed': { access: { added: { 'web/new': ['content/read'] } } },
    'keyturn.token.disable-requested': { reason: 'Unused' },
    'keyturn.token.enable-requested': { reason: 'Used again' },
    'keyturn.token.deletion-requested': { reason: 'Unused' },
    'keyturn.token.revocation-requested': { reason: 'Laptop stolen' },
    'keyturn.token.reinstatement-requested': { reason: 'Laptop found' },
  } satisfies Record<Command['type'], object>;
  return commandSchema.parse({
    specversion: '1.0',
    id: '1',
    source: '/form/7',
    type,
    subject: 'contoso/web-api',
    time: now,
    data: { registry: 'contoso', token: 'web-api', ...own[type], ...changes },
  });
}

/** A token of the entrance and owner that the other builders speak of. */
export const ownToken = { entrance: 'token-requests', owner: 'web', profile: 'standard' } as const;

/** A command that the policy allows, with changes. By default it is a request, and no fact is known. */
export function judged(changes: Partial<Judged> = {}): Judged {
  return {
    entrance: 'token-requests',
    policy: policy(),
    profiles,
    command: command(),
    now,
    facts: {},
    ...changes,
  };
}

export const completeFacts: PolicyFacts = {
  token: 'none',
  actionsThen: ['repositories/web/api/content/read'],
  tokensOfEntrance: 0,
  commandsInLastHour: 0,
};
