@description('Name of the Service Bus namespace.')
param namespaceName string
param location string
param tags object

@description('Entrances, as main.bicep has them: queues, subscriptions and their roles are made from them.')
param entrances array

@description('Who may receive what was set aside and the copies of critical events.')
param operators array

@description('Whether Keyturn keeps all events in an archive, which it takes them to from the subscription `archive`.')
param isArchived bool

@description('Whether the namespace is reached by private endpoints only.')
param privateNetwork bool

@description('Object id of the identity that Keyturn runs as.')
param principalId string

param workspaceId string

var eventsTopic = 'token-events'
var rejectedQueue = 'token-requests-rejected'
var registryActivityQueue = 'registry-activity'
var alertDeliveriesQueue = 'alert-deliveries'
var criticalQueue = 'critical-events'

var keyturn = [
  {
    principalId: principalId
  }
]

// Keyturn sends to its own entrances: the copies of messages that it puts off.
var entranceQueues = flatten(
  map(
    entrances,
    entrance =>
      concat(
        [
          {
            name: entrance.?queue ?? entrance.name
            senders: concat(entrance.?senders ?? [], keyturn)
            receivers: keyturn
          }
        ],
        empty(entrance.?urgentQueue)
          ? []
          : [
              {
                name: entrance.urgentQueue
                senders: concat(entrance.?urgentSenders ?? entrance.?senders ?? [], keyturn)
                receivers: keyturn
              }
            ]
      )
  )
)

var ownQueues = [
  {
    name: rejectedQueue
    senders: keyturn
    receivers: operators
  }
  {
    name: registryActivityQueue
    senders: keyturn
    receivers: keyturn
  }
  {
    name: alertDeliveriesQueue
    senders: keyturn
    receivers: keyturn
  }
  {
    name: criticalQueue
    senders: []
    receivers: operators
  }
]

var ownSubscriptions = [
  {
    name: 'alerts'
    filters: [
      {
        name: 'warning'
        properties: {
          severity: 'warning'
        }
      }
      {
        name: 'critical'
        properties: {
          severity: 'critical'
        }
      }
      // They are no alerts, but end some.
      {
        name: 'token-drift-resolved'
        properties: {
          type: 'keyturn.token.drift-resolved'
        }
      }
      {
        name: 'registry-drift-resolved'
        properties: {
          type: 'keyturn.registry.drift-resolved'
        }
      }
    ]
    forwardTo: ''
    deadLetterExpired: true
    maxDeliveryCount: 50
    receivers: keyturn
  }
  {
    name: 'archive'
    filters: []
    forwardTo: ''
    deadLetterExpired: isArchived
    // Each delivery tries for four minutes: so two thousand of them last for five days.
    maxDeliveryCount: 2000
    receivers: isArchived ? keyturn : operators
  }
  {
    name: criticalQueue
    filters: [
      {
        name: 'critical'
        properties: {
          severity: 'critical'
        }
      }
    ]
    forwardTo: criticalQueue
    deadLetterExpired: false
    maxDeliveryCount: 50
    receivers: []
  }
]

var entranceSubscriptions = map(
  entrances,
  entrance => {
    name: entrance.name
    filters: [
      {
        name: 'entrance'
        properties: {
          entrance: entrance.name
        }
      }
    ]
    forwardTo: ''
    deadLetterExpired: false
    maxDeliveryCount: 50
    receivers: entrance.?receivers ?? []
  }
)

module namespace 'service-bus.bicep' = {
  name: 'service-bus'
  params: {
    name: namespaceName
    location: location
    tags: tags
    privateNetwork: privateNetwork
    workspaceId: workspaceId
  }
}

@batchSize(5)
module queues 'service-bus-queue.bicep' = [
  for (queue, index) in concat(entranceQueues, ownQueues): {
    name: 'service-bus-queue-${index}'
    params: {
      namespaceName: namespaceName
      queueName: queue.name
      senders: queue.senders
      receivers: queue.receivers
    }
    dependsOn: [
      namespace
    ]
  }
]

module topic 'service-bus-topic.bicep' = {
  name: 'service-bus-topic'
  params: {
    namespaceName: namespaceName
    topicName: eventsTopic
    senderPrincipalId: principalId
  }
  dependsOn: [
    namespace
  ]
}

@batchSize(5)
module subscriptions 'service-bus-subscription.bicep' = [
  for (entry, index) in concat(ownSubscriptions, entranceSubscriptions): {
    name: 'service-bus-subscription-${index}'
    params: {
      namespaceName: namespaceName
      topicName: eventsTopic
      subscriptionName: entry.name
      filters: entry.filters
      forwardTo: entry.forwardTo
      deadLetterExpired: entry.deadLetterExpired
      maxDeliveryCount: entry.maxDeliveryCount
      receivers: entry.receivers
    }
    dependsOn: [
      topic
      queues
    ]
  }
]

output namespaceId string = namespace.outputs.id
output fullyQualifiedNamespace string = namespace.outputs.fullyQualifiedNamespace
output eventsTopic string = eventsTopic
output rejectedQueue string = rejectedQueue
output registryActivityQueue string = registryActivityQueue
output alertDeliveriesQueue string = alertDeliveriesQueue
output criticalQueue string = criticalQueue
output entranceQueues array = map(entranceQueues, queue => queue.name)
