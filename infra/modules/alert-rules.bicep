@description('Tells this deployment from others in the names of the rules.')
param deploymentName string
param location string
param tags object

@description('Id of the workspace with the logs of the app and the vaults.')
param workspaceId string

@description('Id of the Service Bus namespace.')
param serviceBusId string

@description('Id of the group that is called.')
param actionGroupId string

@description('Names of all queues that commands come in by.')
param entranceQueues array

@description('Name of the queue for what is set aside.')
param rejectedQueue string

@description('Name of the queue that gets a copy of every critical event.')
param criticalQueue string

@description('Object id of the identity that Keyturn runs as.')
param principalId string

// Azure Monitor evaluates all of them, so that they also tell of a Keyturn that does nothing any more.
var metricRules = [
  {
    name: 'critical-event'
    description: 'Keyturn told of something critical: read the event in the queue ${criticalQueue}.'
    severity: 1
    metricName: 'IncomingMessages'
    timeAggregation: 'Total'
    queues: [
      criticalQueue
    ]
    windowSize: 'PT5M'
  }
  {
    name: 'rejected-message'
    description: 'Messages were set aside in ${rejectedQueue}: look at their reasons, mend and send them again.'
    severity: 2
    metricName: 'ActiveMessages'
    timeAggregation: 'Maximum'
    queues: [
      rejectedQueue
    ]
    windowSize: 'PT15M'
  }
  {
    name: 'dead-letter'
    description: 'A queue or subscription has dead letters: messages that were not handled in 50 deliveries or 14 days.'
    severity: 2
    metricName: 'DeadletteredMessages'
    timeAggregation: 'Maximum'
    queues: [
      '*'
    ]
    windowSize: 'PT15M'
  }
  {
    name: 'waiting-command'
    description: 'An entrance has not been empty for 30 minutes: its oldest command may be waiting as long.'
    severity: 2
    metricName: 'ActiveMessages'
    timeAggregation: 'Minimum'
    queues: entranceQueues
    windowSize: 'PT30M'
  }
  {
    name: 'put-off-command'
    description: 'For 30 minutes commands of an entrance have been put off, since something that Keyturn needs is down.'
    severity: 2
    metricName: 'ScheduledMessages'
    timeAggregation: 'Minimum'
    queues: entranceQueues
    windowSize: 'PT30M'
  }
]

// Keyturn lives with two denials: the vault's client asks for a secret before it recovers it (SecretGet), and whether a
// deleted secret may be looked at without the right to read values is not documented (SecretGetDeleted).
var logRules = [
  {
    name: 'no-heartbeat'
    description: 'Keyturn has given no sign of life for 30 minutes, which it does every ten.'
    severity: 1
    query: 'AppTraces | where Message has "heartbeat" | extend Record = parse_json(Message) | where Record.record == "heartbeat" | summarize Heartbeats = count()'
    timeAggregation: 'Total'
    measure: {
      metricMeasureColumn: 'Heartbeats'
    }
    operator: 'LessThan'
    threshold: 1
    windowSize: 'PT30M'
  }
  {
    name: 'no-reconcile'
    description: 'The timer `reconcile`, which runs every five minutes, has not succeeded for 30 minutes.'
    severity: 1
    query: 'AppRequests | where Name == "reconcile" and Success == true | summarize Runs = count()'
    timeAggregation: 'Total'
    measure: {
      metricMeasureColumn: 'Runs'
    }
    operator: 'LessThan'
    threshold: 1
    windowSize: 'PT30M'
  }
  {
    name: 'critical-alert'
    description: 'Keyturn found something critical. The finding is the rule’s dimension; docs/runbooks.md says what to do.'
    severity: 1
    query: 'AppTraces | where Message has "alert" | extend Record = parse_json(Message) | where Record.record == "alert" and Record.severity == "critical" | extend Finding = tostring(Record.finding)'
    timeAggregation: 'Count'
    measure: {
      dimensions: [
        {
          name: 'Finding'
          operator: 'Include'
          values: [
            '*'
          ]
        }
      ]
    }
    operator: 'GreaterThan'
    threshold: 0
    windowSize: 'PT5M'
  }
  {
    name: 'warning-alert'
    description: 'Keyturn found something that wants looking at. The finding is the rule’s dimension; docs/runbooks.md says what to do.'
    severity: 2
    query: 'AppTraces | where Message has "alert" | extend Record = parse_json(Message) | where Record.record == "alert" and Record.severity == "warning" | extend Finding = tostring(Record.finding)'
    timeAggregation: 'Count'
    measure: {
      dimensions: [
        {
          name: 'Finding'
          operator: 'Include'
          values: [
            '*'
          ]
        }
      ]
    }
    operator: 'GreaterThan'
    threshold: 0
    windowSize: 'PT15M'
  }
  {
    name: 'credential-deadline'
    description: 'The password of an active token ends within 48 hours, and its rotation is overdue or is not coming.'
    severity: 1
    query: 'AppTraces | where Message has "credentialDeadline" | extend Record = parse_json(Message) | where Record.record == "credentialDeadline" and todouble(Record.hoursLeft) < 48'
    timeAggregation: 'Count'
    measure: {}
    operator: 'GreaterThan'
    threshold: 0
    windowSize: 'PT30M'
  }
  {
    name: 'failed-orchestration'
    description: 'The orchestration of a token failed, which never happens to a healthy Keyturn. Reconcile starts it again.'
    severity: 1
    query: 'AppTraces | where Message has "(Orchestrator)" and Message has "failed with an error"'
    timeAggregation: 'Count'
    measure: {}
    operator: 'GreaterThan'
    threshold: 0
    windowSize: 'PT15M'
  }
  {
    name: 'unarchived-event'
    description: 'Events could not be written to the archive. They wait in its subscription, and are tried again.'
    severity: 2
    query: 'AppRequests | where Name == "archive" and Success == false'
    timeAggregation: 'Count'
    measure: {}
    operator: 'GreaterThan'
    threshold: 0
    windowSize: 'PT30M'
  }
  {
    name: 'access-denied'
    description: 'Azure denied something to Keyturn: a role assignment is missing or was taken away.'
    severity: 1
    query: 'AppTraces | where Message has "accessDenied"'
    timeAggregation: 'Count'
    measure: {}
    operator: 'GreaterThan'
    threshold: 0
    windowSize: 'PT15M'
  }
  {
    name: 'vault-access-denied'
    description: 'A vault denied something to the identity of Keyturn, as the vault itself reports.'
    severity: 1
    query: 'AzureDiagnostics | where ResourceProvider == "MICROSOFT.KEYVAULT" | where column_ifexists("httpStatusCode_d", 0.0) == 403 and column_ifexists("identity_claim_oid_g", "") == "${principalId}" | where OperationName !in ("SecretGet", "SecretGetDeleted")'
    timeAggregation: 'Count'
    measure: {}
    operator: 'GreaterThan'
    threshold: 0
    windowSize: 'PT15M'
  }
]

resource metricAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for rule in metricRules: {
    name: 'keyturn-${rule.name}-${deploymentName}'
    location: 'global'
    tags: tags
    properties: {
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [
        serviceBusId
      ]
      evaluationFrequency: 'PT5M'
      windowSize: rule.windowSize
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'messages'
            metricNamespace: 'Microsoft.ServiceBus/namespaces'
            metricName: rule.metricName
            timeAggregation: rule.timeAggregation
            operator: 'GreaterThan'
            threshold: 0
            dimensions: [
              {
                name: 'EntityName'
                operator: 'Include'
                values: rule.queues
              }
            ]
          }
        ]
      }
      autoMitigate: true
      actions: [
        {
          actionGroupId: actionGroupId
        }
      ]
    }
  }
]

// The tables of a new workspace come with the first rows in them, so queries are not checked when the rules are made.
resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in logRules: {
    name: 'keyturn-${rule.name}-${deploymentName}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'keyturn-${rule.name}-${deploymentName}'
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [
        workspaceId
      ]
      evaluationFrequency: 'PT5M'
      windowSize: rule.windowSize
      criteria: {
        allOf: [
          union(
            {
              query: rule.query
              timeAggregation: rule.timeAggregation
              operator: rule.operator
              threshold: rule.threshold
              failingPeriods: {
                numberOfEvaluationPeriods: 1
                minFailingPeriodsToAlert: 1
              }
            },
            rule.measure
          )
        ]
      }
      skipQueryValidation: true
      autoMitigate: true
      actions: {
        actionGroups: [
          actionGroupId
        ]
      }
    }
  }
]
