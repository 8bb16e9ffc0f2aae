// The Log Analytics workspace. Deployed twice, because it and its transformations name each other: first by itself, then linked.
param token string
param location string
param tags object
param dailyCapGb int

@description('The data collection rule every row goes through; empty while there is none.')
param transformationsId string = ''

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-alter-${token}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 30
    workspaceCapping: {
      dailyQuotaGb: dailyCapGb
    }
    features: {
      disableLocalAuth: true
    }
    defaultDataCollectionRuleResourceId: empty(transformationsId) ? null : transformationsId
  }
}

output name string = workspace.name
output id string = workspace.id
output customerId string = workspace.properties.customerId
