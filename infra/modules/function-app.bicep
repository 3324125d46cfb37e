@description('Name of the function app.')
param name string

@description('Name of its Flex Consumption plan.')
param planName string
param location string
param tags object

@description('Resource id and client id of the identity that the app runs as.')
param identityId string
param identityClientId string

@description('Name of the storage account of the host and of Durable Functions.')
param hostStorageName string

@description('Name of its blob container for packages of the app.')
param packageContainer string

@description('Host name of the Service Bus namespace.')
param serviceBusNamespace string

@description('Address of the table service that the token records are kept in.')
param recordsTableService string

@description('Where telemetry is sent to.')
param telemetryAddress string

@description('Address of the blob service of the archive. Empty: there is no archive.')
param archiveBlobService string

@description('Sinks of alerts, whose addresses and keys are secrets of the operations vault.')
param alertSinks array

@description('Address of the operations vault.')
param operationsVault string

@description('The configuration of Keyturn, as JSON.')
param configuration string

@description('Memory of each instance.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int

@description('How many instances there are at most, for each group of functions that scales by itself.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Application id of the registration in Entra whose tokens callers of the HTTP interface bring. Empty: no HTTP.')
param entraApplicationId string

@description('Subnet that the app reaches the other services from. Empty: by their public addresses.')
param subnetId string

param workspaceId string

var storageSuffix = environment().suffixes.storage
var blobService = 'https://${hostStorageName}.blob.${storageSuffix}'

// The app gets their values from Azure, by its identity: no secret is in a template or in a setting's text.
var alertSinkSettings = toObject(
  flatten(
    map(
      alertSinks,
      sink =>
        concat(
          [
            {
              name: 'AlertSinks__${sink.name}__url'
              secret: sink.urlSecret
            }
          ],
          empty(sink.?signingSecret)
            ? []
            : [
                {
                  name: 'AlertSinks__${sink.name}__signingKey'
                  secret: sink.signingSecret
                }
              ]
        )
    )
  ),
  reference => reference.name,
  reference => '@Microsoft.KeyVault(SecretUri=${operationsVault}/secrets/${reference.secret})'
)

var archiveSettings = empty(archiveBlobService)
  ? {}
  : {
      Archive__blobServiceUri: archiveBlobService
      Archive__clientId: identityClientId
    }

var commonSettings = {
  AZURE_LOG_LEVEL: 'warning'
  APPLICATIONINSIGHTS_CONNECTION_STRING: telemetryAddress
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AzureWebJobsStorage__blobServiceUri: blobService
  AzureWebJobsStorage__queueServiceUri: 'https://${hostStorageName}.queue.${storageSuffix}'
  AzureWebJobsStorage__tableServiceUri: 'https://${hostStorageName}.table.${storageSuffix}'
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  ServiceBus__fullyQualifiedNamespace: serviceBusNamespace
  ServiceBus__credential: 'managedidentity'
  ServiceBus__clientId: identityClientId
  Records__tableServiceUri: recordsTableService
  Records__clientId: identityClientId
  KEYTURN_CONFIGURATION: configuration
}

var settings = union(commonSettings, archiveSettings, alertSinkSettings)

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

// Flex Consumption is Linux and Functions 4 only. Deployments replace all instances at once, which is its default.
resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobService}/${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: '24'
      }
      scaleAndConcurrency: {
        alwaysReady: [
          {
            name: 'durable'
            instanceCount: 1
          }
        ]
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: map(items(settings), setting => { name: setting.key, value: setting.value })
    }
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
  }

  // Packages are uploaded with an identity, never with a user name and password.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

resource authentication 'Microsoft.Web/sites/config@2024-04-01' = if (!empty(entraApplicationId)) {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      excludedPaths: [
        '/api/health'
      ]
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: entraApplicationId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [
            entraApplicationId
            'api://${entraApplicationId}'
          ]
        }
      }
    }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'keyturn'
  scope: app
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output hostName string = app.properties.defaultHostName
