@description('Name of the private endpoint.')
param name string
param location string
param tags object

@description('Id of the subnet that the endpoint gets an address in.')
param subnetId string

@description('Id of the resource that is reached by it.')
param targetId string

@description('Which part of the resource is reached, such as `vault` or `blob`.')
param groupId string

@description('Name of the private DNS zone of this resource group that its name is kept in.')
param zoneName string

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' existing = {
  name: zoneName
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: {
          privateLinkServiceId: targetId
          groupIds: [
            groupId
          ]
        }
      }
    ]
  }

  resource dnsGroup 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: groupId
          properties: {
            privateDnsZoneId: zone.id
          }
        }
      ]
    }
  }
}
