targetScope = 'subscription'

@description('Tells this deployment from others of the same tenant, since names of roles are unique in a tenant.')
param deploymentName string

@description('Object id of the identity that follows deletions.')
param principalId string

// Azure keeps the outcome of a deletion at the subscription, outside the registry.
resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, deploymentName, 'keyturn-registry-operations')
  properties: {
    roleName: 'Keyturn registry operations ${deploymentName} ${uniqueString(subscription().id)}'
    description: 'Follow deletions of tokens and scope maps of container registries.'
    type: 'CustomRole'
    assignableScopes: [
      subscription().id
    ]
    permissions: [
      {
        actions: [
          'Microsoft.ContainerRegistry/locations/operationResults/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, role.id)
  properties: {
    roleDefinitionId: role.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
