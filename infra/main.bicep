targetScope = 'subscription'

import { alertSinkType, entranceType, principalType, registryType, vaultType } from 'types.bicep'

@description('Name of the environment, which tells several Keyturns apart.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Azure region of all resources. It needs the Flex Consumption plan.')
@minLength(1)
param location string

@description('Resource group that everything but the registries of others is put into. It is made if it is not there.')
@maxLength(90)
param resourceGroupName string = 'rg-keyturn-${environmentName}'

@description('Tags of all resources.')
param tags object = {}

@description('Registries whose tokens Keyturn looks after.')
@minLength(1)
param registries registryType[] = [
  {
    name: 'images'
  }
]

@description('Vaults, one for each trust domain: whoever may read a vault can read the passwords of all entrances that deliver there.')
@minLength(1)
param vaults vaultType[] = [
  {
    name: 'teams'
  }
  {
    name: 'partners'
  }
  {
    name: 'devices'
  }
]

@description('Entrances. Those of entrances.json are examples, and nobody may send to them until senders are named.')
@minLength(1)
param entrances entranceType[] = loadJsonContent('entrances.json')

@description('Profiles beside the standard ones, as docs/configuration.md has them.')
param profiles object = {}

@description('Sections of the configuration that no parameter is for, such as `reconcile` or `metrics`, as docs/configuration.md has them.')
param otherConfiguration object = {}

@description('Application id of the registration in Entra for the read-only HTTP interface. Empty: there is no HTTP.')
param entraApplicationId string = ''

@description('Who sees which entrances over HTTP, as docs/configuration.md has it. At least one with entraApplicationId.')
param httpReaders array = []

@description('Who may receive what was set aside (token-requests-rejected) and copies of critical events (critical-events).')
param operators principalType[] = []

@description('Whether Azure reports changes on the registries to Keyturn. Azure allows one system topic for each resource group: switch it off where a group of a registry has one already.')
param registryEvents bool = true

@description('Whether Keyturn may follow deletions by their outcome at the subscription of the registry. Without it, it looks at the token until it is gone.')
param followDeletions bool = false

@description('Whether the services are reached by private endpoints in a network of their own. Service Bus and new registries are Premium then.')
param privateNetwork bool = false

@description('Address range of that network, a /24 or larger.')
param addressPrefix string = '10.90.0.0/24'

@description('Most instances of each group of functions that scales by itself.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Memory of each instance, in MB.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('Replication of the storage of the token records and of Durable Functions.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_GZRS'
])
param storageSku string = 'Standard_ZRS'

@description('For how many days a deleted secret can be recovered. It cannot be changed later.')
@minValue(7)
@maxValue(90)
param softDeleteRetentionInDays int = 90

@description('For how many days logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionInDays int = 90

@description('Addresses that alerts are mailed to. Without any, alerts are seen in Azure Monitor only.')
param alertEmailAddresses array = []

@description('Webhooks that Keyturn sends alerts to.')
param alertSinks alertSinkType[] = []

@description('Where your runbooks are, which alerts point to: an address without anchor. Empty: docs/runbooks.md of the repository.')
param alertRunbooks string = ''

@description('For how many days archived events can neither be changed nor deleted. 0: there is no archive.')
@minValue(0)
@maxValue(3650)
param archiveRetentionInDays int = 0

@description('Who may read the archive. Nobody may change it; Keyturn may add to it.')
param archiveReaders principalType[] = []

var suffix = uniqueString(subscription().id, environmentName, location)
var allTags = union({ application: 'keyturn', 'azd-env-name': environmentName }, tags)

var groupId = '/subscriptions/${subscription().subscriptionId}/resourceGroups/${resourceGroupName}'

// What a registry is called in Azure, and where it is, follows from its resource id.
var allRegistries = map(
  registries,
  registry =>
    union(registry, {
      isNew: empty(registry.?resourceId)
      resourceId: registry.?resourceId ?? '${groupId}/providers/Microsoft.ContainerRegistry/registries/cr${take(replace(registry.name, '-', ''), 35)}${suffix}'
    })
)
var allVaults = map(vaults, vault => union(vault, { vaultName: 'kv-${vault.name}-${take(suffix, 6)}' }))

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module newRegistries 'modules/container-registry.bicep' = [
  for (registry, index) in allRegistries: if (registry.isNew) {
    name: 'registry-${index}'
    scope: group
    params: {
      name: last(split(registry.resourceId, '/'))
      location: location
      tags: allTags
      skuName: registry.?sku ?? 'Standard'
      privateNetwork: privateNetwork
    }
  }
]

module keyturn 'modules/keyturn.bicep' = {
  name: 'keyturn'
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    registries: allRegistries
    vaults: allVaults
    entrances: entrances
    profiles: profiles
    otherConfiguration: otherConfiguration
    entraApplicationId: entraApplicationId
    httpReaders: httpReaders
    operators: operators
    privateNetwork: privateNetwork
    addressPrefix: addressPrefix
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    storageSku: storageSku
    softDeleteRetentionInDays: softDeleteRetentionInDays
    logRetentionInDays: logRetentionInDays
    alertEmailAddresses: alertEmailAddresses
    alertSinks: alertSinks
    alertRunbooks: alertRunbooks
    archiveRetentionInDays: archiveRetentionInDays
    archiveReaders: archiveReaders
  }
  dependsOn: [
    newRegistries
  ]
}

module registryRights 'modules/registries.bicep' = {
  name: 'keyturn-registries-${suffix}'
  params: {
    suffix: suffix
    tags: allTags
    resourceGroupName: group.name
    registryIds: map(allRegistries, registry => registry.resourceId)
    registryEvents: registryEvents
    followDeletions: followDeletions
    principalId: keyturn.outputs.principalId
    workspaceId: keyturn.outputs.workspaceId
    serviceBusName: keyturn.outputs.serviceBusName
    registryActivityQueue: keyturn.outputs.registryActivityQueue
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output KEYTURN_FUNCTION_APP string = keyturn.outputs.functionAppName
output KEYTURN_FUNCTION_APP_HOST string = keyturn.outputs.functionAppHost
output KEYTURN_SERVICE_BUS string = keyturn.outputs.serviceBusHost
output KEYTURN_IDENTITY_CLIENT_ID string = keyturn.outputs.clientId
output KEYTURN_OPERATIONS_VAULT string = keyturn.outputs.operationsVaultName
output KEYTURN_REGISTRIES array = map(allRegistries, registry => { name: registry.name, resourceId: registry.resourceId })
output KEYTURN_VAULTS array = map(
  allVaults,
  vault => { name: vault.name, address: 'https://${vault.vaultName}${environment().suffixes.keyvaultDns}' }
)
