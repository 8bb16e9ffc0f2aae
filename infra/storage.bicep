// Two storage accounts. Who can write to the host's can run code as the app (it holds the package and the host's keys);
// so the vault's tables and queues live in another, and the right to own blobs ends at the first.
param token string
param location string
param tags object
param vaultSku string
param deleteLock bool
param appPrincipalId string
param publicAccess bool
param workspaceName string

// No key opens either account, from anywhere: a leaked connection string cannot exist.
var closed = {
  allowBlobPublicAccess: false
  allowCrossTenantReplication: false
  allowSharedKeyAccess: false
  defaultToOAuthAuthentication: true
  minimumTlsVersion: 'TLS1_2'
  supportsHttpsTrafficOnly: true
  publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  networkAcls: {
    bypass: 'None'
    defaultAction: publicAccess ? 'Allow' : 'Deny'
  }
}

// Who else wrote or deleted. Categories by name, and no reads: one row of log for each read would cost more than the reads.
var changes = [
  {
    category: 'StorageWrite'
    enabled: true
  }
  {
    category: 'StorageDelete'
    enabled: true
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'sthost${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: closed

  resource blobs 'blobServices' = {
    name: 'default'

    resource packages 'containers' = {
      name: 'deployments'
      properties: {
        publicAccess: 'None'
      }
    }
  }
}

resource vaultStorage 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'stalter${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: vaultSku
  }
  properties: closed

  resource tables 'tableServices' existing = {
    name: 'default'
  }
}

resource vaultStorageLock 'Microsoft.Authorization/locks@2020-05-01' = if (deleteLock) {
  scope: vaultStorage
  name: 'grants'
  properties: {
    level: 'CanNotDelete'
    notes: 'Tables have no soft delete: with this account every grant is gone.'
  }
}

// The vault's tables: grants, and the record.
resource tableChanges 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vaultStorage::tables
  name: 'changes'
  properties: {
    workspaceId: workspace.id
    logs: changes
  }
}

// The host's blobs: whoever replaces the package runs code as the app.
resource packageChanges 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: hostStorage::blobs
  name: 'changes'
  properties: {
    workspaceId: workspace.id
    logs: changes
  }
}

// Storage Blob Data Owner, host account: the platform reads the package, keeps the host's keys, and takes leases for timers.
resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hostStorage
  name: guid(hostStorage.id, appPrincipalId, 'blobs')
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
    )
  }
}

// Storage Table Data Contributor, host account: the host writes its diagnostic events there, and warns (AZFD0003) when it cannot.
resource hostTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hostStorage
  name: guid(hostStorage.id, appPrincipalId, 'tables')
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
    )
  }
}

// Storage Table Data Contributor, vault account: grants, flows and the audit record; the vault makes its own tables, some monthly.
resource vaultTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vaultStorage
  name: guid(vaultStorage.id, appPrincipalId, 'tables')
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
    )
  }
}

// Storage Queue Data Contributor, vault account: sends and takes messages; the queue trigger makes each poison queue when it first needs one.
resource vaultQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vaultStorage
  name: guid(vaultStorage.id, appPrincipalId, 'queues')
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
    )
  }
}

output hostStorageName string = hostStorage.name
output deploymentContainerName string = hostStorage::blobs::packages.name
output vaultStorageName string = vaultStorage.name
