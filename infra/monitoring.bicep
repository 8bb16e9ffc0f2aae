// Logs and traces. Nothing can be written with a key: both sides take Entra tokens only.
param token string
param location string
param tags object
param dailyCapGb int
param appPrincipalId string

module workspace 'workspace.bicep' = {
  params: {
    token: token
    location: location
    tags: tags
    dailyCapGb: dailyCapGb
  }
}

// What the vault's own filters should have cut is cut once more before it is stored. Of storage's logs only what others wrote is kept:
// the app's own writes are in the record, and one row of log for each would cost more than the writes.
resource transformations 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: 'dcr-alter-${token}'
  location: location
  tags: tags
  kind: 'WorkspaceTransforms'
  properties: {
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspace.outputs.id
        }
      ]
    }
    dataFlows: [
      {
        streams: [
          'Microsoft-Table-AppRequests'
        ]
        destinations: [
          'workspace'
        ]
        transformKql: 'source | extend Url = extract("^[^?]*", 0, Url)'
      }
      {
        streams: [
          'Microsoft-Table-AppDependencies'
        ]
        destinations: [
          'workspace'
        ]
        transformKql: 'source | extend Data = extract("^[^?]*", 0, Data)'
      }
      {
        streams: [
          'Microsoft-Table-StorageTableLogs'
        ]
        destinations: [
          'workspace'
        ]
        transformKql: 'source | where RequesterObjectId != "${appPrincipalId}"'
      }
      {
        streams: [
          'Microsoft-Table-StorageBlobLogs'
        ]
        destinations: [
          'workspace'
        ]
        transformKql: 'source | where RequesterObjectId != "${appPrincipalId}"'
      }
    ]
  }
}

module linkedWorkspace 'workspace.bicep' = {
  params: {
    token: token
    location: location
    tags: tags
    dailyCapGb: dailyCapGb
    transformationsId: transformations.id
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-alter-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: linkedWorkspace.outputs.id
    DisableLocalAuth: true
  }
}

// Monitoring Metrics Publisher, on this component alone: the host and the worker send telemetry by token.
resource telemetryWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: applicationInsights
  name: guid(applicationInsights.id, appPrincipalId, 'telemetry')
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '3913510d-42f4-4e42-8a64-420c390055eb'
    )
  }
}

output workspaceName string = linkedWorkspace.outputs.name
output workspaceCustomerId string = linkedWorkspace.outputs.customerId
output applicationInsightsName string = applicationInsights.name
