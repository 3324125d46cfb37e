@description('Name of the storage account that the archive of events is kept in.')
param name string
param location string
param tags object

@description('Name of its container.')
param container string

@description('For how many days a blob can neither be changed nor deleted.')
@minValue(1)
@maxValue(3650)
param retentionInDays int

@description('Whether it is reached by private endpoints only.')
param privateNetwork bool

@description('Tells this deployment from others of the same tenant, since names of roles are unique in a tenant.')
param deploymentName string

@description('Object id of the identity that adds events.')
param writerPrincipalId string

@description('Who may read the archive: objects with principalId and, unless it is a service principal, principalType.')
param readers array

param workspaceId string

var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'

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
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource events 'containers' = {
      name: container
      properties: {
        publicAccess: 'None'
      }

      // Unlocked: lock it in the portal or by `az storage container immutability-policy lock`, which is for ever.
      resource policy 'immutabilityPolicies' = {
        name: 'default'
        properties: {
          immutabilityPeriodSinceCreationInDays: retentionInDays
          allowProtectedAppendWrites: false
        }
      }
    }
  }
}

// Keyturn can add blobs and look whether they are there; it can neither change nor delete them.
resource writerRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, deploymentName, 'keyturn-archive')
  properties: {
    roleName: 'Keyturn archive writer ${deploymentName}'
    description: 'Add blobs to the archive of events, and read them.'
    type: 'CustomRole'
    assignableScopes: [
      resourceGroup().id
    ]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action'
          'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'
        ]
        notDataActions: []
      }
    ]
  }
}

resource writer 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::events.id, writerPrincipalId, writerRole.id)
  scope: account::blobs::events
  properties: {
    roleDefinitionId: writerRole.id
    principalId: writerPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource readerRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for reader in readers: {
    name: guid(account::blobs::events.id, reader.principalId, blobDataReader)
    scope: account::blobs::events
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataReader)
      principalId: reader.principalId
      principalType: reader.?principalType ?? 'ServicePrincipal'
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
        category: 'StorageRead'
        enabled: true
      }
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
