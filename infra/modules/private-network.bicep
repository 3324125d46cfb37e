param suffix string
param location string
param tags object

@description('Address range of the network.')
param addressPrefix string

@description('Names of what gets private endpoints.')
param serviceBusName string
param recordsStorageName string
param hostStorageName string

@description('Storage account of the archive. Empty: there is none.')
param archiveStorageName string

@description('Names of the vaults.')
param vaultNames array

@description('Ids of the registries that get private endpoints.')
param registryIds array

// Azure's own names for these zones, in the public cloud.
var serviceBusZone = 'privatelink.servicebus.windows.net'
var vaultZone = 'privatelink.vaultcore.azure.net'
var registryZone = 'privatelink${environment().suffixes.acrLoginServer}'
var blobZone = 'privatelink.blob.${environment().suffixes.storage}'
var queueZone = 'privatelink.queue.${environment().suffixes.storage}'
var tableZone = 'privatelink.table.${environment().suffixes.storage}'

var endpoints = concat(
  [
    {
      name: 'service-bus'
      targetId: resourceId('Microsoft.ServiceBus/namespaces', serviceBusName)
      groupId: 'namespace'
      zone: serviceBusZone
    }
    {
      name: 'records-table'
      targetId: resourceId('Microsoft.Storage/storageAccounts', recordsStorageName)
      groupId: 'table'
      zone: tableZone
    }
    {
      name: 'host-blob'
      targetId: resourceId('Microsoft.Storage/storageAccounts', hostStorageName)
      groupId: 'blob'
      zone: blobZone
    }
    {
      name: 'host-queue'
      targetId: resourceId('Microsoft.Storage/storageAccounts', hostStorageName)
      groupId: 'queue'
      zone: queueZone
    }
    {
      name: 'host-table'
      targetId: resourceId('Microsoft.Storage/storageAccounts', hostStorageName)
      groupId: 'table'
      zone: tableZone
    }
  ],
  empty(archiveStorageName)
    ? []
    : [
        {
          name: 'archive-blob'
          targetId: resourceId('Microsoft.Storage/storageAccounts', archiveStorageName)
          groupId: 'blob'
          zone: blobZone
        }
      ],
  map(
    vaultNames,
    name => {
      name: name
      targetId: resourceId('Microsoft.KeyVault/vaults', name)
      groupId: 'vault'
      zone: vaultZone
    }
  ),
  map(
    registryIds,
    id => {
      name: last(split(id, '/'))
      targetId: id
      groupId: 'registry'
      zone: registryZone
    }
  )
)

module network 'network.bicep' = {
  name: 'network'
  params: {
    name: 'vnet-keyturn-${suffix}'
    location: location
    tags: tags
    addressPrefix: addressPrefix
    zones: [
      serviceBusZone
      vaultZone
      registryZone
      blobZone
      queueZone
      tableZone
    ]
  }
}

module privateEndpoints 'private-endpoint.bicep' = [
  for (endpoint, index) in endpoints: {
    name: 'private-endpoint-${index}'
    params: {
      name: 'pep-${endpoint.name}-${suffix}'
      location: location
      tags: tags
      subnetId: network.outputs.endpointSubnetId
      targetId: endpoint.targetId
      groupId: endpoint.groupId
      zoneName: endpoint.zone
    }
  }
]

output appSubnetId string = network.outputs.appSubnetId
