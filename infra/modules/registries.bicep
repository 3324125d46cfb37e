targetScope = 'subscription'

// What Keyturn needs in the resource groups of the registries, which may lie in several subscriptions.
param suffix string
param tags object

@description('Resource group of Keyturn itself.')
param resourceGroupName string

@description('Resource ids of the registries, all of which are there by now.')
param registryIds array

@description('Whether Azure reports changes on the registries to Keyturn.')
param registryEvents bool

@description('Whether Keyturn may follow deletions by their outcome at the subscription.')
param followDeletions bool

@description('Object id of the identity that Keyturn runs as.')
param principalId string
param workspaceId string

@description('Where the reports go.')
param serviceBusName string
param registryActivityQueue string

// As resource group ids, each of them once.
var registryGroups = union([], map(registryIds, id => toLower(join(take(split(id, '/'), 5), '/'))))
var registrySubscriptions = union([], map(registryGroups, id => split(id, '/')[2]))

module registryAccess 'registry-access.bicep' = [
  for id in registryGroups: {
    name: 'keyturn-registry-access-${suffix}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      registryNames: map(
        filter(registryIds, registryId => startsWith(toLower(registryId), '${id}/')),
        registryId => last(split(registryId, '/'))
      )
      deploymentName: suffix
      principalId: principalId
      workspaceId: workspaceId
    }
  }
]

module registryOperations 'registry-operations.bicep' = [
  for id in registrySubscriptions: if (followDeletions) {
    name: 'keyturn-registry-operations-${suffix}'
    scope: subscription(id)
    params: {
      deploymentName: suffix
      principalId: principalId
    }
  }
]

module registryTopics 'registry-events-topic.bicep' = [
  for id in registryGroups: if (registryEvents) {
    name: 'keyturn-registry-events-${suffix}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      name: 'evgst-keyturn-${suffix}'
      tags: tags
    }
  }
]

module registryTopicSenders 'queue-sender.bicep' = [
  for (id, index) in registryGroups: if (registryEvents) {
    name: 'registry-events-sender-${index}'
    scope: resourceGroup(resourceGroupName)
    params: {
      namespaceName: serviceBusName
      queueName: registryActivityQueue
      principalId: registryTopics[index].outputs.principalId
    }
  }
]

module registryEventSubscriptions 'registry-events-subscription.bicep' = [
  for (id, index) in registryGroups: if (registryEvents) {
    name: 'keyturn-registry-event-subscription-${suffix}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      topicName: 'evgst-keyturn-${suffix}'
      subscriptionName: 'keyturn-registry-activity'
      queueId: registryTopicSenders[index].outputs.queueId
    }
  }
]
