@export()
@description('Who is given a role.')
type principalType = {
  @description('Object id in Entra: of a managed identity or service principal (not its application id), a group or a person.')
  principalId: string

  @description('What it is; a service principal unless it is said.')
  principalType: ('ServicePrincipal' | 'Group' | 'User')?
}

@export()
@description('A registry whose tokens Keyturn looks after.')
type registryType = {
  @description('Name by which messages call the registry: lower-case letters and digits, with single hyphens between them.')
  @minLength(5)
  @maxLength(50)
  name: string

  @description('Resource id of a registry that is there already, in any subscription of the tenant. Without it, one is made.')
  resourceId: string?

  @description('Tier of a registry that is made: it bounds how many tokens there can be (100, 500, 50,000).')
  sku: ('Basic' | 'Standard' | 'Premium')?

  @description('Login server, where it is not the name of the registry.')
  loginServer: string?

  @description('Whether the registry is replicated to other regions.')
  replicas: bool?

  @description('ISO 8601: a regenerated password is not published before this.')
  settleAfter: string?

  @description('`wait` where the app cannot reach the login server.')
  verification: ('login' | 'wait')?

  @description('What is accepted of the registry and is no finding, as docs/configuration.md has it.')
  accepted: ('adminUser' | 'anonymousPull' | 'publicNetwork')[]?

  @description('Names of tokens that are the business of others, as docs/configuration.md has it.')
  ignoredTokens: string[]?
}

@export()
@description('A vault for the passwords of one trust domain. It is always made, so that nobody else has rights in it.')
type vaultType = {
  @description('Name by which policies call the vault.')
  @minLength(3)
  @maxLength(13)
  name: string

  @description('ISO 8601: the longest that an Azure Policy lets secrets of this vault be valid.')
  longestValidity: string?

  @description('Who may read the passwords.')
  readers: principalType[]?
}

@export()
@description('A webhook that alerts are sent to. Its address and key are secrets of the operations vault, which you put there.')
type alertSinkType = {
  @description('Name of the sink: letters and digits, since settings are named after it.')
  @minLength(1)
  @maxLength(30)
  name: string

  @description('Form of the messages.')
  format: ('generic' | 'teams' | 'slack')?

  @description('Hosts that its address may name.')
  @minLength(1)
  allowedHosts: string[]

  @description('Address ranges in which the host may lie although they are private.')
  privateAddresses: string[]?

  @description('Of which severities it gets alerts; of both, unless it is said.')
  severities: ('warning' | 'critical')[]?

  @description('Name of the secret with the address.')
  @minLength(1)
  @maxLength(127)
  urlSecret: string

  @description('Name of the secret with the key that messages are signed with.')
  @minLength(1)
  @maxLength(127)
  signingSecret: string?
}

@export()
@description('An entrance: its queues, and all that follows from them, are made from this alone.')
type entranceType = {
  @description('Name of the entrance, and of its queue unless that is said, and of the subscription to its events.')
  @minLength(3)
  @maxLength(50)
  name: string

  @description('Queue of its commands.')
  queue: string?

  @description('A second queue, for revoking and disabling only.')
  urgentQueue: string?

  @description('What may be asked for there, as docs/configuration.md has it.')
  policy: object

  @description('Who may send commands: whoever may send has all that the policy allows.')
  senders: principalType[]?

  @description('Who may send to the urgent queue; the senders, unless it is said.')
  urgentSenders: principalType[]?

  @description('Who may receive the events about tokens of this entrance.')
  receivers: principalType[]?
}
