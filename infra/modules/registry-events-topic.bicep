@description('Name of the Event Grid system topic. Azure allows one for each resource group.')
param name string
param tags object

// Where Azure tells of every write, deletion and action on the resources of this group.
resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' = {
  name: name
  location: 'global'
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: resourceGroup().id
    topicType: 'Microsoft.Resources.ResourceGroups'
  }
}

output principalId string = topic.identity.principalId
