@description('Names of the registries of this resource group whose tokens Keyturn looks after.')
param registryNames array

@description('Tells this deployment from others of the same tenant, since names of roles are unique in a tenant.')
param deploymentName string

@description('Object id of the identity that looks after tokens.')
param principalId string

param workspaceId string

// Whoever has generateCredentials/action has the whole registry: this role is for Keyturn alone.
resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, deploymentName, 'keyturn-registry')
  properties: {
    roleName: 'Keyturn registry tokens ${deploymentName} ${uniqueString(resourceGroup().id)}'
    description: 'Look after the tokens and scope maps of a container registry.'
    type: 'CustomRole'
    assignableScopes: [
      resourceGroup().id
    ]
    permissions: [
      {
        actions: [
          'Microsoft.ContainerRegistry/registries/read'
          'Microsoft.ContainerRegistry/registries/operationStatuses/read'
          'Microsoft.ContainerRegistry/registries/scopeMaps/read'
          'Microsoft.ContainerRegistry/registries/scopeMaps/write'
          'Microsoft.ContainerRegistry/registries/scopeMaps/delete'
          'Microsoft.ContainerRegistry/registries/scopeMaps/operationStatuses/read'
          'Microsoft.ContainerRegistry/registries/tokens/read'
          'Microsoft.ContainerRegistry/registries/tokens/write'
          'Microsoft.ContainerRegistry/registries/tokens/delete'
          'Microsoft.ContainerRegistry/registries/tokens/operationStatuses/read'
          'Microsoft.ContainerRegistry/registries/generateCredentials/action'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource registries 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = [
  for name in registryNames: {
    name: name
  }
]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, index) in registryNames: {
    name: guid(registries[index].id, principalId, role.id)
    scope: registries[index]
    properties: {
      roleDefinitionId: role.id
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = [
  for (name, index) in registryNames: {
    name: 'keyturn-${deploymentName}'
    scope: registries[index]
    properties: {
      workspaceId: workspaceId
      logs: [
        {
          category: 'ContainerRegistryLoginEvents'
          enabled: true
        }
        {
          category: 'ContainerRegistryRepositoryEvents'
          enabled: true
        }
      ]
    }
  }
]
