@description('Name of the storage account that the archive of events is kept in.')
param name string
param location string
param tags object

@description('For how many days a blob can neither be changed nor deleted.')
@minValue(1)
@maxValue(3650)
param retentionInDays int

@description('Who writes to the archive: objects with principalId and, unless it is a service principal, principalType.')
param writers array

param workspaceId string

var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    accessTier: 'Cool'
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource events 'containers' = {
      name: 'token-events'
      properties: {
        publicAccess: 'None'
      }

      // Unlocked: lock it in the portal or by `az storage container immutability-policy lock`, which is for ever.
      resource policy 'immutabilityPolicies' = {
        name: 'default'
        properties: {
          immutabilityPeriodSinceCreationInDays: retentionInDays
          allowProtectedAppendWrites: true
        }
      }
    }
  }
}

resource writerRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for writer in writers: {
    name: guid(account::blobs::events.id, writer.principalId, blobDataContributor)
    scope: account::blobs::events
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
      principalId: writer.principalId
      principalType: writer.?principalType ?? 'ServicePrincipal'
    }
  }
]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'keyturn'
  scope: account::blobs
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
  }
}

output containerAddress string = '${account.properties.primaryEndpoints.blob}${account::blobs::events.name}'
