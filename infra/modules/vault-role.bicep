@description('Tells this deployment from others of the same tenant, since names of roles are unique in a tenant.')
param deploymentName string

// Keyturn can write passwords, and cannot read them: getSecret is not among the actions.
resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, deploymentName, 'keyturn-vault')
  properties: {
    roleName: 'Keyturn vault writer ${deploymentName}'
    description: 'Set, list, update, delete and recover secrets, without reading their values.'
    type: 'CustomRole'
    assignableScopes: [
      resourceGroup().id
    ]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.KeyVault/vaults/secrets/readMetadata/action'
          'Microsoft.KeyVault/vaults/secrets/setSecret/action'
          'Microsoft.KeyVault/vaults/secrets/update/action'
          'Microsoft.KeyVault/vaults/secrets/delete'
          'Microsoft.KeyVault/vaults/secrets/recover/action'
        ]
        notDataActions: []
      }
    ]
  }
}

output id string = role.id
