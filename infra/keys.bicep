// Two Key Vaults: one holds the key-encryption key and nothing else, so that who manages OAuth client secrets never sees it.
param token string
param location string
param tags object

@description('64 lower-case hexadecimal digits.')
@secure()
param firstKey string

@description('Nothing can be purged before its 90 days are over. Cannot be taken back.')
param purgeProtection bool

param publicAccess bool
param deleteLock bool
param appPrincipalId string
param oauthVaultOfficerId string
param workspaceName string

// A deleted key makes every grant unreadable. Key Vault takes no `false` for purge protection, only its absence.
var vaultProperties = {
  tenantId: tenant().tenantId
  sku: {
    family: 'A'
    name: 'standard'
  }
  enableRbacAuthorization: true
  enablePurgeProtection: purgeProtection ? true : null
  enableSoftDelete: true
  softDeleteRetentionInDays: 90
  enabledForDeployment: false
  enabledForDiskEncryption: false
  enabledForTemplateDeployment: false
  publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  networkAcls: {
    bypass: 'None'
    defaultAction: publicAccess ? 'Allow' : 'Deny'
  }
}

var secretsUser = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '4633458b-17de-408a-b874-0445c86b69e6'
)
var secretsOfficer = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
)

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource keyVault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: 'kv-kek-${token}'
  location: location
  tags: tags
  properties: vaultProperties
}

// Only where there is none: without the decorator every `azd up` would add a version, and with it a new wrapping of every grant.
// It travels over the control plane, so it needs no script and no right to secrets for the deployer.
@onlyIfNotExists()
resource firstKeyEncryptionKey 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: keyVault
  name: 'alter-kek'
  properties: {
    contentType: 'Key-encryption key of the vault: 64 hexadecimal digits'
    value: toLower(firstKey)
  }
}

resource oauthVault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: 'kv-oauth-${token}'
  location: location
  tags: tags
  properties: vaultProperties
}

resource keyVaultLock 'Microsoft.Authorization/locks@2020-05-01' = if (deleteLock) {
  scope: keyVault
  name: 'key-encryption-key'
  properties: {
    level: 'CanNotDelete'
    notes: 'Without this key no grant can be opened again.'
  }
}

// Key Vault Secrets User, key vault: read the key and find its versions. Never write: rotation is a person's act.
resource keyReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: keyVault
  name: guid(keyVault.id, appPrincipalId, 'read')
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: secretsUser
  }
}

// Key Vault Secrets User, client-secrets vault: read the secrets that alter.json names.
resource clientSecretsReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: oauthVault
  name: guid(oauthVault.id, appPrincipalId, 'read')
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: secretsUser
  }
}

// Key Vault Secrets Officer, client-secrets vault: the person or group that sets them. Not on the key's vault.
resource clientSecretsWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(oauthVaultOfficerId)) {
  scope: oauthVault
  name: guid(oauthVault.id, oauthVaultOfficerId, 'write')
  properties: {
    principalId: oauthVaultOfficerId
    roleDefinitionId: secretsOfficer
  }
}

// Who read the key or a client secret, and when. The category by name: "allLogs" would one day include what nobody looked at.
resource keyVaultAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: keyVault
  name: 'audit'
  properties: {
    workspaceId: workspace.id
    logs: [
      {
        category: 'AuditEvent'
        enabled: true
      }
    ]
  }
}

resource oauthVaultAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: oauthVault
  name: 'audit'
  properties: {
    workspaceId: workspace.id
    logs: [
      {
        category: 'AuditEvent'
        enabled: true
      }
    ]
  }
}

output keyVaultName string = keyVault.name
output keyVaultUri string = keyVault.properties.vaultUri
output oauthVaultUri string = oauthVault.properties.vaultUri
output oauthVaultName string = oauthVault.name
