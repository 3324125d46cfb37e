@description('Registries: name, resourceId and, where they are said, loginServer, replicas, settleAfter, verification, accepted, ignoredTokens.')
param registries array

@description('Vaults: name, vaultName and, where it is said, longestValidity.')
param vaults array

@description('Entrances: name, policy and, where they are said, queue, urgentQueue.')
param entrances array

@description('Profiles beside the standard ones, as in docs/configuration.md.')
param profiles object

@description('Sections that none of the others is about.')
param otherConfiguration object

@description('Names of the topic, and of the queues for what is set aside, for reports on the registries and for alerts on their way.')
param eventsTopic string
param rejectedQueue string
param registryActivityQueue string
param alertDeliveriesQueue string

@description('The identity that Keyturn runs as.')
param identityClientId string
param identityPrincipalId string

@description('Application id in Entra of the HTTP interface; without it there are no routes.')
param entraApplicationId string

@description('Who sees which entrances over HTTP, as in docs/configuration.md.')
param httpReaders array

@description('Sinks of alerts: name, allowedHosts and, where they are said, format, privateAddresses, severities.')
param alertSinks array

@description('Where the runbooks are that alerts point to. Empty: in the repository.')
param alertRunbooks string

var armEndpoint = environment().resourceManager
var armWithoutSlash = endsWith(armEndpoint, '/') ? substring(armEndpoint, 0, length(armEndpoint) - 1) : armEndpoint
var vaultSuffix = environment().suffixes.keyvaultDns
var registrySuffix = environment().suffixes.acrLoginServer

var http = empty(entraApplicationId)
  ? { authentication: 'off' }
  : {
      authentication: 'appService'
      tenantId: tenant().tenantId
      readers: httpReaders
    }

var sinks = map(
  alertSinks,
  sink =>
    union(
      { name: sink.name, allowedHosts: sink.allowedHosts },
      empty(sink.?format) ? {} : { format: sink.format },
      empty(sink.?privateAddresses) ? {} : { privateAddresses: sink.privateAddresses },
      empty(sink.?severities) ? {} : { severities: sink.severities }
    )
)

// Keys that were not said are left out, so that Keyturn's own defaults hold: it refuses null.
var configuration = {
  registries: toObject(
    registries,
    registry => registry.name,
    registry =>
      union(
        { resourceId: registry.resourceId },
        empty(registry.?loginServer) ? {} : { loginServer: registry.loginServer },
        registry.?replicas == null ? {} : { replicas: registry.replicas },
        empty(registry.?settleAfter) ? {} : { settleAfter: registry.settleAfter },
        empty(registry.?verification) ? {} : { verification: registry.verification },
        empty(registry.?accepted) ? {} : { accepted: registry.accepted },
        empty(registry.?ignoredTokens) ? {} : { ignoredTokens: registry.ignoredTokens }
      )
  )
  vaults: toObject(
    vaults,
    vault => vault.name,
    vault =>
      union(
        { url: 'https://${vault.vaultName}${vaultSuffix}' },
        empty(vault.?longestValidity) ? {} : { longestValidity: vault.longestValidity }
      )
  )
  entrances: toObject(
    entrances,
    entrance => entrance.name,
    entrance =>
      union(
        { policy: entrance.policy },
        empty(entrance.?queue) ? {} : { queue: entrance.queue },
        empty(entrance.?urgentQueue) ? {} : { urgentQueue: entrance.urgentQueue }
      )
  )
  profiles: profiles
  messaging: {
    eventsTopic: eventsTopic
    rejectedQueue: rejectedQueue
    registryActivityQueue: registryActivityQueue
    alertDeliveriesQueue: alertDeliveriesQueue
  }
  alerting: union({ sinks: sinks }, empty(alertRunbooks) ? {} : { runbooks: alertRunbooks })
  http: http
  identity: {
    clientId: identityClientId
    objectId: identityPrincipalId
  }
  cloud: {
    armEndpoint: armWithoutSlash
    armScope: '${armWithoutSlash}/.default'
    registrySuffix: substring(registrySuffix, 1, length(registrySuffix) - 1)
    vaultSuffix: substring(vaultSuffix, 1, length(vaultSuffix) - 1)
    storageSuffix: environment().suffixes.storage
  }
}

output json string = string(union(configuration, otherConfiguration))
