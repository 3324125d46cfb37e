/**
 * What can be found wrong with a token: the registry or the vault is no longer as its lifecycle left it. A closed list;
 * `means` says it to a person.
 */
export const tokenFindings = {
  disabledOutOfBand: { means: 'the token is disabled, and Keyturn did not do it' },
  deletedOutOfBand: { means: 'the token is gone, and Keyturn did not delete it' },
  reEnabledOutOfBand: { means: 'the token is enabled, although it was disabled, revoked or had expired' },
  scopeMapChanged: { means: 'the token is bound to another scope map' },
  scopeMapContentChanged: { means: "the token's own scope map grants something else" },
  passwordVanished: { means: 'a password that was to work is no longer there' },
  publishedDead: { means: 'the published password was replaced, so the one in the vault no longer works' },
  unpublishedSlotRegenerated: {
    means: 'somebody made a password in the slot that is not published, and can log in with it',
  },
  secretMissing: { means: 'the secret is gone from the vault' },
  secretDisabled: { means: 'the published secret version is disabled' },
  secretForeign: { means: "somebody else wrote the secret's newest version" },
  outOfPolicy: { means: 'the token may do more than the policy of its entrance allows' },
} as const satisfies Readonly<Record<string, { means: string }>>;

export type TokenFinding = keyof typeof tokenFindings;

/** What can be found wrong with a registry as a whole. */
export const registryFindings = {
  unmanagedToken: { means: 'there is a token that Keyturn does not manage' },
  registryBackDoor: {
    means: 'the registry can be used without any token, or its admin passwords were taken',
  },
  registryRecreated: { means: 'the registry was deleted and made again: all its tokens are gone' },
  eventsMissing: { means: "Azure's reports on the registry do not arrive, so changes are noticed late" },
  massDrift: { means: 'the same finding on many tokens at once: healing has stopped there' },
  capacityShort: { means: 'the registry has room for few more tokens' },
} as const satisfies Readonly<Record<string, { means: string }>>;

export type RegistryFinding = keyof typeof registryFindings;

export type Finding = TokenFinding | RegistryFinding;

export const findingNames = [
  ...(Object.keys(tokenFindings) as TokenFinding[]),
  ...(Object.keys(registryFindings) as RegistryFinding[]),
] as const;

/** Who or what is likely to have brought it about. */
export const likelyCauses = ['azurePolicy', 'redeployment', 'person', 'automation', 'unknown'] as const;

export type LikelyCause = (typeof likelyCauses)[number];
