@description('Name of the Event Grid system topic of this resource group.')
param topicName string

@description('Name of the event subscription.')
param subscriptionName string

@description('Id of the queue that the events go to. The identity of the topic may send there.')
param queueId string

resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = {
  name: topicName
}

resource eventSubscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = {
  parent: topic
  name: subscriptionName
  properties: {
    deliveryWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      destination: {
        endpointType: 'ServiceBusQueue'
        properties: {
          resourceId: queueId
        }
      }
    }
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceDeleteSuccess'
        'Microsoft.Resources.ResourceActionSuccess'
      ]
      advancedFilters: [
        {
          operatorType: 'StringIn'
          key: 'data.operationName'
          values: [
            'Microsoft.ContainerRegistry/registries/tokens/write'
            'Microsoft.ContainerRegistry/registries/tokens/delete'
            'Microsoft.ContainerRegistry/registries/scopeMaps/write'
            'Microsoft.ContainerRegistry/registries/scopeMaps/delete'
            'Microsoft.ContainerRegistry/registries/generateCredentials/action'
            'Microsoft.ContainerRegistry/registries/write'
            'Microsoft.ContainerRegistry/registries/delete'
            'Microsoft.ContainerRegistry/registries/listCredentials/action'
            'Microsoft.ContainerRegistry/registries/regenerateCredential/action'
          ]
        }
      ]
    }
    retryPolicy: {
      eventTimeToLiveInMinutes: 1440
      maxDeliveryAttempts: 30
    }
  }
}
