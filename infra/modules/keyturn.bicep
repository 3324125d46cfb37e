// All of Keyturn but the rights on the registries. What the parameters mean is said in main.bicep.
param location string
param tags object
param suffix string
param registries array
param vaults array
param entrances array
param profiles object
param otherConfiguration object
param entraApplicationId string
param httpReaders array
param operators array
param privateNetwork bool
param addressPrefix string
param maximumInstanceCount int
param instanceMemoryMB int
param storageSku string
param softDeleteRetentionInDays int
param logRetentionInDays int
param alertEmailAddresses array
param alertSinks array
param alertRunbooks string
param archiveRetentionInDays int
param archiveReaders array

var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var storageQueueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

var serviceBusName = 'sb-keyturn-${suffix}'
var recordsStorageName = 'strecords${suffix}'
var hostStorageName = 'sthost${suffix}'
var archiveStorageName = 'starchive${suffix}'
var operationsVaultName = 'kv-ops-${take(suffix, 13)}'
var packageContainer = 'packages'
var isArchived = archiveRetentionInDays > 0
var storageSuffix = environment().suffixes.storage

module identity 'identity.bicep' = {
  name: 'identity'
  params: {
    name: 'id-keyturn-${suffix}'
    location: location
    tags: tags
  }
}

module workspace 'log-analytics.bicep' = {
  name: 'log-analytics'
  params: {
    name: 'log-keyturn-${suffix}'
    location: location
    tags: tags
    retentionInDays: logRetentionInDays
  }
}

module insights 'application-insights.bicep' = {
  name: 'application-insights'
  params: {
    name: 'appi-keyturn-${suffix}'
    location: location
    tags: tags
    workspaceId: workspace.outputs.id
    principalId: identity.outputs.principalId
  }
}

module messaging 'messaging.bicep' = {
  name: 'messaging'
  params: {
    namespaceName: serviceBusName
    location: location
    tags: tags
    entrances: entrances
    operators: operators
    isArchived: isArchived
    privateNetwork: privateNetwork
    principalId: identity.outputs.principalId
    workspaceId: workspace.outputs.id
  }
}

module vaultRole 'vault-role.bicep' = {
  name: 'vault-role'
  params: {
    deploymentName: suffix
  }
}

module keyVaults 'key-vault.bicep' = [
  for (vault, index) in vaults: {
    name: 'key-vault-${index}'
    params: {
      name: vault.vaultName
      location: location
      tags: tags
      softDeleteRetentionInDays: softDeleteRetentionInDays
      privateNetwork: privateNetwork
      writerRoleId: vaultRole.outputs.id
      writerPrincipalId: identity.outputs.principalId
      readers: vault.?readers ?? []
      workspaceId: workspace.outputs.id
    }
  }
]

module operationsVault 'operations-vault.bicep' = if (!empty(alertSinks)) {
  name: 'operations-vault'
  params: {
    name: operationsVaultName
    location: location
    tags: tags
    softDeleteRetentionInDays: softDeleteRetentionInDays
    privateNetwork: privateNetwork
    readerPrincipalId: identity.outputs.principalId
    officers: operators
    workspaceId: workspace.outputs.id
  }
}

module recordsStorage 'storage-account.bicep' = {
  name: 'records-storage'
  params: {
    name: recordsStorageName
    location: location
    tags: tags
    skuName: storageSku
    privateNetwork: privateNetwork
    principalId: identity.outputs.principalId
    roleIds: [
      storageTableDataContributor
    ]
    workspaceId: workspace.outputs.id
  }
}

module hostStorage 'storage-account.bicep' = {
  name: 'host-storage'
  params: {
    name: hostStorageName
    location: location
    tags: tags
    skuName: storageSku
    privateNetwork: privateNetwork
    principalId: identity.outputs.principalId
    roleIds: [
      storageBlobDataOwner
      storageQueueDataContributor
      storageTableDataContributor
    ]
    containers: [
      packageContainer
    ]
    workspaceId: workspace.outputs.id
  }
}

module network 'private-network.bicep' = if (privateNetwork) {
  name: 'private-network'
  params: {
    suffix: suffix
    location: location
    tags: tags
    addressPrefix: addressPrefix
    serviceBusName: serviceBusName
    recordsStorageName: recordsStorageName
    hostStorageName: hostStorageName
    archiveStorageName: isArchived ? archiveStorageName : ''
    vaultNames: concat(map(vaults, vault => vault.vaultName), empty(alertSinks) ? [] : [operationsVaultName])
    registryIds: map(filter(registries, registry => registry.isNew), registry => registry.resourceId)
  }
  dependsOn: [
    messaging
    keyVaults
    operationsVault
    recordsStorage
    hostStorage
    archive
  ]
}

module configuration 'configuration.bicep' = {
  name: 'configuration'
  params: {
    registries: registries
    vaults: vaults
    entrances: entrances
    profiles: profiles
    otherConfiguration: otherConfiguration
    eventsTopic: messaging.outputs.eventsTopic
    rejectedQueue: messaging.outputs.rejectedQueue
    registryActivityQueue: messaging.outputs.registryActivityQueue
    alertDeliveriesQueue: messaging.outputs.alertDeliveriesQueue
    identityClientId: identity.outputs.clientId
    identityPrincipalId: identity.outputs.principalId
    entraApplicationId: entraApplicationId
    httpReaders: httpReaders
    alertSinks: alertSinks
    alertRunbooks: alertRunbooks
  }
}

module app 'function-app.bicep' = {
  name: 'function-app'
  params: {
    name: 'func-keyturn-${suffix}'
    planName: 'plan-keyturn-${suffix}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostStorageName: hostStorageName
    packageContainer: packageContainer
    serviceBusNamespace: messaging.outputs.fullyQualifiedNamespace
    recordsTableService: 'https://${recordsStorageName}.table.${storageSuffix}'
    telemetryAddress: insights.outputs.address
    archiveBlobService: isArchived ? 'https://${archiveStorageName}.blob.${storageSuffix}' : ''
    alertSinks: alertSinks
    operationsVault: 'https://${operationsVaultName}${environment().suffixes.keyvaultDns}'
    configuration: configuration.outputs.json
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    entraApplicationId: entraApplicationId
    subnetId: privateNetwork ? network.outputs.appSubnetId : ''
    workspaceId: workspace.outputs.id
  }
  dependsOn: [
    keyVaults
    operationsVault
    recordsStorage
    hostStorage
    archive
  ]
}

module actions 'action-group.bicep' = {
  name: 'action-group'
  params: {
    name: 'ag-keyturn-${suffix}'
    tags: tags
    emailAddresses: alertEmailAddresses
  }
}

module alertRules 'alert-rules.bicep' = {
  name: 'alert-rules'
  params: {
    deploymentName: suffix
    location: location
    tags: tags
    workspaceId: workspace.outputs.id
    serviceBusId: messaging.outputs.namespaceId
    actionGroupId: actions.outputs.id
    entranceQueues: messaging.outputs.entranceQueues
    rejectedQueue: messaging.outputs.rejectedQueue
    criticalQueue: messaging.outputs.criticalQueue
    principalId: identity.outputs.principalId
  }
}

module workbook 'workbook.bicep' = {
  name: 'workbook'
  params: {
    name: 'Keyturn ${suffix}'
    location: location
    tags: tags
    workspaceId: workspace.outputs.id
  }
}

module archive 'archive.bicep' = if (isArchived) {
  name: 'archive'
  params: {
    name: archiveStorageName
    location: location
    tags: tags
    retentionInDays: archiveRetentionInDays
    container: messaging.outputs.eventsTopic
    privateNetwork: privateNetwork
    deploymentName: suffix
    writerPrincipalId: identity.outputs.principalId
    readers: archiveReaders
    workspaceId: workspace.outputs.id
  }
}

output principalId string = identity.outputs.principalId
output clientId string = identity.outputs.clientId
output workspaceId string = workspace.outputs.id
output serviceBusName string = serviceBusName
output serviceBusHost string = messaging.outputs.fullyQualifiedNamespace
output registryActivityQueue string = messaging.outputs.registryActivityQueue
output operationsVaultName string = empty(alertSinks) ? '' : operationsVaultName
output functionAppName string = 'func-keyturn-${suffix}'
output functionAppHost string = app.outputs.hostName
