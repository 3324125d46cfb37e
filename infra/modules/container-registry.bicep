@description('Name of the new registry.')
param name string
param location string
param tags object

@description('Tier: it bounds how many tokens there can be (Basic 100, Standard 500, Premium 50,000).')
@allowed([
  'Basic'
  'Standard'
  'Premium'
])
param skuName string

@description('Whether it is reached by private endpoints only, which takes the Premium tier.')
param privateNetwork bool

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: privateNetwork ? 'Premium' : skuName
  }
  properties: {
    adminUserEnabled: false
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
  }
}

output id string = registry.id
