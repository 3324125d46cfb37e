@description('Name of the namespace that the queue lies in.')
param namespaceName string

@description('Name of the queue.')
param queueName string

@description('Who may send: objects with principalId and, unless it is a service principal, principalType.')
param senders array = []

@description('Who may receive: objects as for senders.')
param receivers array = []

var dataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var dataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: namespaceName
}

// No duplicate detection: it discards without a trace, and would swallow the copies that Keyturn puts off.
resource queue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: queueName
  properties: {
    defaultMessageTimeToLive: 'P14D'
    lockDuration: 'PT1M'
    maxDeliveryCount: 50
    deadLetteringOnMessageExpiration: true
    requiresDuplicateDetection: false
    requiresSession: false
  }
}

resource senderRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for sender in senders: {
    name: guid(queue.id, sender.principalId, dataSender)
    scope: queue
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataSender)
      principalId: sender.principalId
      principalType: sender.?principalType ?? 'ServicePrincipal'
    }
  }
]

resource receiverRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for receiver in receivers: {
    name: guid(queue.id, receiver.principalId, dataReceiver)
    scope: queue
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataReceiver)
      principalId: receiver.principalId
      principalType: receiver.?principalType ?? 'ServicePrincipal'
    }
  }
]

output id string = queue.id
