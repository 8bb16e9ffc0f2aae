// What `azd up` creates: one resource group with everything one vault needs. docs/deploy.md walks through it.
targetScope = 'subscription'

@description('Names the azd environment; every resource name derives from it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('A region that offers Flex Consumption: `az functionapp list-flexconsumption-locations`.')
@minLength(1)
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('The origin people and providers see, where it is not the app\'s own azurewebsites.net name. Changing it changes every redirect URI.')
param publicUrl string = ''

@description('Memory of one instance. 512 is a quarter of the price of 2048 where calls come one at a time.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('Upper limit of instances for HTTP, and again for each timer and queue function.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Calls one instance serves at once. Calls mostly wait for providers, and an open stream holds a place, so the platform\'s 16 would buy needless instances.')
@minValue(1)
@maxValue(1000)
param perInstanceConcurrency int = 100

@description('Instances kept warm for HTTP. Two or none: a single one is drained about hourly and drops requests as it goes.')
@allowed([
  0
  2
])
param alwaysReadyInstances int = 0

@description('Largest request body the platform accepts, in bytes. A body sent with Content-Length is held in memory before the vault sees it.')
@minValue(1048576)
@maxValue(2147483647)
param requestBodyLimit int = 31457280

@description('For how many instances rate limits are shared out: as many as usually serve calls at once. The maximum of instances would make every block tiny.')
@minValue(1)
@maxValue(1000)
param rateInstances int = 4

@description('Suspends everything (docs/operate.md, Stop everything). Here and not by hand, because a provisioning resets what was set by hand.')
param suspended bool = false

@description('Starts the worker without the platform\'s pre-warmed process: slower cold starts, but a way round crashes with exit code 139 seen on .NET 10.')
param avoidPlaceholder bool = false

@description('Share of requests traced, in percent. The audit record does not depend on it.')
@minValue(0)
@maxValue(100)
param tracedPercent int = 10

@description('Logs taken in per day before ingestion stops, in gigabytes.')
@minValue(1)
param dailyLogCapGb int = 1

@description('Redundancy of the vault\'s own tables. Never geo-redundant: a failover loses the last minutes, and with them rotated refresh tokens.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
])
param vaultStorageSku string = 'Standard_LRS'

@description('Reaches storage and Key Vault through a virtual network alone and closes their public endpoints. Eight private endpoints; `./alter` then needs a machine inside.')
param privateNetwork bool = false

@description('The virtual network\'s addresses, at least a /24. Only with privateNetwork; choose them before you peer.')
param networkPrefix string = '10.71.0.0/24'

@description('Who is told when there is something only a person can fix. Empty: no alerts.')
param alertEmail string = ''

@description('Where your team reads docs/operate.md; every alert leads to its section there.')
param runbookUrl string = 'docs/operate.md'

@description('Neither Key Vault can be purged for 90 days, whoever asks. On for production; it cannot be taken back, and keeps the names taken.')
param purgeProtection bool = true

@description('Forbids deleting the vault\'s tables and its key. `azd down` then stops until the locks are removed by hand; the deployer needs Owner.')
param deleteLocks bool = false

@description('Object id of the person or group that puts OAuth client secrets into their Key Vault. Empty: nobody is given that right.')
param oauthVaultOfficerId string = ''

// Each GUID has 122 random bits, and its quality for cryptography is not promised; so two, and the vault derives its keys from them by HKDF.
@description('Half of the first key-encryption key. Used once: an existing key is never touched.')
@secure()
param firstKeyHalf string = newGuid()

@description('The other half.')
@secure()
param firstKeyOtherHalf string = newGuid()

var token = uniqueString(subscription().id, environmentName, location)
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'identity.bicep' = {
  scope: group
  params: {
    name: 'id-alter-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'monitoring.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    dailyCapGb: dailyLogCapGb
    appPrincipalId: identity.outputs.principalId
  }
}

module storage 'storage.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    vaultSku: vaultStorageSku
    deleteLock: deleteLocks
    appPrincipalId: identity.outputs.principalId
    publicAccess: !privateNetwork
    workspaceName: monitoring.outputs.workspaceName
  }
}

module keys 'keys.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    firstKey: '${replace(firstKeyHalf, '-', '')}${replace(firstKeyOtherHalf, '-', '')}'
    purgeProtection: purgeProtection
    publicAccess: !privateNetwork
    deleteLock: deleteLocks
    appPrincipalId: identity.outputs.principalId
    oauthVaultOfficerId: oauthVaultOfficerId
    workspaceName: monitoring.outputs.workspaceName
  }
}

module network 'network.bicep' = if (privateNetwork) {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    addressPrefix: networkPrefix
    storageAccountNames: [
      storage.outputs.hostStorageName
      storage.outputs.vaultStorageName
    ]
    keyVaultNames: [
      keys.outputs.keyVaultName
      keys.outputs.oauthVaultName
    ]
  }
}

module app 'app.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityName: identity.outputs.name
    hostStorageName: storage.outputs.hostStorageName
    deploymentContainerName: storage.outputs.deploymentContainerName
    vaultStorageName: storage.outputs.vaultStorageName
    keyVaultUri: keys.outputs.keyVaultUri
    oauthVaultUri: keys.outputs.oauthVaultUri
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    publicUrl: publicUrl
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    perInstanceConcurrency: perInstanceConcurrency
    alwaysReadyInstances: alwaysReadyInstances
    requestBodyLimit: requestBodyLimit
    avoidPlaceholder: avoidPlaceholder
    tracedPercent: tracedPercent
    rateInstances: rateInstances
    suspended: suspended
    workspaceName: monitoring.outputs.workspaceName
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
  }
}

module alerts 'alerts.bicep' = if (!empty(alertEmail)) {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    workspaceName: monitoring.outputs.workspaceName
    emailAddress: alertEmail
    runbookUrl: runbookUrl
  }
}

module workbook 'workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: monitoring.outputs.workspaceName
  }
}

var origin = empty(publicUrl) ? app.outputs.uri : publicUrl

// azd writes outputs in clear into the environment's .env file: addresses and names, never a secret.
output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output SERVICE_VAULT_NAME string = app.outputs.name
output SERVICE_VAULT_URI string = app.outputs.uri
output ALTER_PUBLIC_ORIGIN string = origin
output ALTER_REDIRECT_URI_PATTERN string = '${origin}/oauth/callback/{app}/{provider}'
output ALTER_CLIENT_SECRETS_VAULT_NAME string = keys.outputs.oauthVaultName
output ALTER_SECRETS_VAULT_URI string = keys.outputs.oauthVaultUri
output ALTER_KEK_VAULT_NAME string = keys.outputs.keyVaultName
output ALTER_KEK_VAULT_URI string = keys.outputs.keyVaultUri
output ALTER_STORAGE_NAME string = storage.outputs.vaultStorageName
output ALTER_LOGS_WORKSPACE_ID string = monitoring.outputs.workspaceCustomerId
