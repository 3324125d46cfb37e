@description('Name of the namespace that the topic lies in.')
param namespaceName string

@description('Name of the topic.')
param topicName string

@description('Name of the subscription.')
param subscriptionName string

@description('What is let through: objects with a name, and the properties that a message must have. None: everything.')
param filters array = []

@description('Queue of the namespace that the messages are passed on to, if any.')
param forwardTo string = ''

@description('Whether what nobody fetched in time is kept as a dead letter.')
param deadLetterExpired bool = false

@description('How often a message is handed out before it becomes a dead letter.')
@minValue(1)
@maxValue(2000)
param maxDeliveryCount int

@description('Who may receive: objects with principalId and, unless it is a service principal, principalType.')
param receivers array = []

var dataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: namespaceName

  resource topic 'topics' existing = {
    name: topicName
  }
}

resource topicSubscription 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = {
  parent: namespace::topic
  name: subscriptionName
  properties: union(
    {
      defaultMessageTimeToLive: 'P14D'
      lockDuration: 'PT1M'
      maxDeliveryCount: maxDeliveryCount
      deadLetteringOnMessageExpiration: deadLetterExpired
    },
    empty(forwardTo) ? {} : { forwardTo: forwardTo }
  )
}

// A subscription has a rule of its own, `$Default`, that lets everything through: it is put in force only where nothing
// is filtered, and is made to let nothing through elsewhere.
resource defaultRule 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2024-01-01' = {
  parent: topicSubscription
  name: '$Default'
  properties: {
    filterType: 'SqlFilter'
    sqlFilter: {
      sqlExpression: empty(filters) ? '1=1' : '1=0'
    }
  }
}

@batchSize(1)
resource rules 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2024-01-01' = [
  for rule in filters: {
    parent: topicSubscription
    name: rule.name
    properties: {
      filterType: 'CorrelationFilter'
      correlationFilter: {
        properties: rule.properties
      }
    }
    dependsOn: [
      defaultRule
    ]
  }
]

resource receiverRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for receiver in receivers: {
    name: guid(topicSubscription.id, receiver.principalId, dataReceiver)
    scope: topicSubscription
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataReceiver)
      principalId: receiver.principalId
      principalType: receiver.?principalType ?? 'ServicePrincipal'
    }
  }
]
