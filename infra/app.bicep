// The function app: Flex Consumption, Linux, .NET 10 isolated. Every setting is an address, a name or a number; none is a secret.
param token string
param location string
param tags object
param identityName string
param hostStorageName string
param deploymentContainerName string
param vaultStorageName string
param keyVaultUri string
param oauthVaultUri string
param applicationInsightsName string
param publicUrl string
param instanceMemoryMB int
param maximumInstanceCount int
param perInstanceConcurrency int
param alwaysReadyInstances int
param requestBodyLimit int
param avoidPlaceholder bool
param tracedPercent int
param rateInstances int
param suspended bool
param workspaceName string

@description('The delegated subnet everything leaves through; empty: none.')
param subnetId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostStorageName
}

resource vaultStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: vaultStorageName
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-alter-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true // Linux.
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-alter-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'vault' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorage.properties.primaryEndpoints.blob}${deploymentContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: alwaysReadyInstances
              }
            ]
        triggers: {
          http: {
            perInstanceConcurrency: perInstanceConcurrency
          }
        }
      }
      // The default kills running calls at every deployment and setting change. In preview, hence unknown to this API version's types.
      #disable-next-line BCP037
      siteUpdateStrategy: {
        type: 'RollingUpdate'
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        // The host's own storage, by identity.
        AzureWebJobsStorage__blobServiceUri: hostStorage.properties.primaryEndpoints.blob
        AzureWebJobsStorage__queueServiceUri: hostStorage.properties.primaryEndpoints.queue
        AzureWebJobsStorage__tableServiceUri: hostStorage.properties.primaryEndpoints.table
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identity.properties.clientId

        // The vault's tables and queues, by identity.
        AlterStorage__tableServiceUri: vaultStorage.properties.primaryEndpoints.table
        AlterStorage__queueServiceUri: vaultStorage.properties.primaryEndpoints.queue
        AlterStorage__credential: 'managedidentity'
        AlterStorage__clientId: identity.properties.clientId

        ALTER_KEK_VAULT_URI: keyVaultUri
        ALTER_SECRETS_VAULT_URI: oauthVaultUri
        ALTER_RATE_INSTANCES: string(rateInstances)
        AZURE_CLIENT_ID: identity.properties.clientId // Which identity DefaultAzureCredential takes.

        APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString // An address: with local auth off its key opens nothing.
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
        OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
        OTEL_TRACES_SAMPLER_ARG: tracedPercent == 100 ? '1' : '0.${padLeft(tracedPercent, 2, '0')}'

        AzureWebJobsDisableHomepage: 'true'
        DOTNET_EnableDiagnostics: '0' // No dump, no profiler: either would read the key-encryption key from memory.
        DOTNET_GCgen0size: '0x2000000' // 32 MiB. Where a processor does not tell its caches, the runtime would collect after every 256 KiB, three calls.
        FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: string(requestBodyLimit)
      },
      empty(publicUrl) ? {} : { ALTER_PUBLIC_URL: publicUrl },
      suspended ? { ALTER_SUSPENDED: 'true' } : {},
      avoidPlaceholder ? { WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED: '0' } : {}
    )
  }

  // Deployments come with an Entra token; publishing passwords would be a second way in.
  resource noFtpPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource noScmPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

// The host's own log, which names a worker that crashed. Not AppServiceHTTPLogs: they would store query strings, and with them codes.
resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'log'
  properties: {
    workspaceId: workspace.id
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
  }
}

output name string = app.name
output uri string = 'https://${app.properties.defaultHostName}'
