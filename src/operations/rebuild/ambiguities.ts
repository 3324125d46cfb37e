/** Why a token is left alone, and what a person does then: a closed list. Each ends with running the command again. */
export const ambiguities = {
  tokenMissing: {
    why: 'there is a secret for it, but no such token in the registry',
    toDo: 'request it again, which writes over the secret; or delete the secret, if nobody needs it',
  },
  secretMissing: {
    why: "its scope map is one of Keyturn's, but no configured vault has a secret for it",
    toDo: 'add the vault that has it to the configuration; or delete the token and request it again',
  },
  secretDeleted: {
    why: 'its secret is deleted',
    toDo: 'recover the secret in the vault; or delete the token and request it again',
  },
  secretNotOurs: {
    why: 'somebody else wrote the newest version of its secret',
    toDo: 'find out who did; then delete the token and the secret, and request the token again',
  },
  severalSecrets: {
    why: 'several secrets are for it, and their passwords do not tell which is the one that is read',
    toDo: 'delete those that nobody reads',
  },
  enabledButSecretOff: {
    why: 'it is enabled, but the newest version of its secret is disabled: it may have been revoked',
    toDo: 'disable the token, if it is not to be used; else enable the version',
  },
  otherRegistryName: {
    why: 'its secret calls the registry by another name than the configuration',
    toDo: 'configure the registry under that name, since requests and senders know it by that',
  },
  otherLoginServer: {
    why: 'its secret is for another login server than the configuration has for this registry',
    toDo: 'correct `loginServer`; if the registry was made anew, delete the token and request it again',
  },
  tagsDamaged: {
    why: 'the tags of its secret cannot be read',
    toDo: 'put back the tags as an older version of the secret has them; or delete the token and request it again',
  },
  entranceNotConfigured: {
    why: 'its entrance is not configured any more',
    toDo: 'put the entrance back into the configuration, at least until its tokens are deleted',
  },
  outsidePolicy: {
    why: 'its entrance may not have a token of this name in this registry',
    toDo: "if it is rightly the entrance's, run with a configuration whose `registries` and `tokens` allow it",
  },
  otherVault: {
    why: 'its secret is not in the vault to which its entrance delivers',
    toDo: 'if it is rightly there, run with a configuration whose entrance delivers to that vault',
  },
} as const;

export type Ambiguity = keyof typeof ambiguities;

/** What whoever runs the command should know of a token that is restored. */
export const notes = {
  foundDisabled: 'found disabled and stays so; if it was to be revoked, ask for that again',
  foundRevoked: 'found disabled with both passwords replaced, so taken for revoked',
  passwordReplaced: "the published password is not the registry's any more: ask for a rotation",
  otherSecrets: 'other secrets carry passwords of it that do not work any more',
} as const;

export type Note = keyof typeof notes;
