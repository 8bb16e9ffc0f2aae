// A network of the vault's own, off by default: the app reaches storage and Key Vault inside it, and nobody reaches them from outside.
// What comes in still comes through the app's public front end, and telemetry still leaves over the internet.
param token string
param location string
param tags object
param addressPrefix string
param storageAccountNames string[]
param keyVaultNames string[]

var services = [
  'blob'
  'queue'
  'table'
  'vault'
]

// In the order of the services above.
var zoneNames = [
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.queue.${environment().suffixes.storage}'
  'privatelink.table.${environment().suffixes.storage}'
  'privatelink${replace(environment().suffixes.keyvaultDns, 'vault', 'vaultcore')}'
]

var endpoints = concat(
  flatten(map(
    storageAccountNames,
    name =>
      map(take(services, 3), service => {
        name: '${name}-${service}'
        service: service
        of: name
        type: 'Microsoft.Storage/storageAccounts'
      })
  )),
  map(keyVaultNames, name => {
    name: name
    service: 'vault'
    of: name
    type: 'Microsoft.KeyVault/vaults'
  })
)

resource network 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: 'vnet-alter-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        // Half of the network: every instance takes an address. Flex Consumption wants this delegation, not serverFarms, and no underscore in the name.
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 25, 0)
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 27, 4)
        }
      }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for name in zoneNames: {
    name: name
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (name, index) in zoneNames: {
    parent: zones[index]
    name: network.name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
]

// One after the other: a storage account takes one change at a time.
@batchSize(1)
resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-07-01' = [
  for endpoint in endpoints: {
    name: 'pe-${endpoint.name}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: network::endpointSubnet.id
      }
      privateLinkServiceConnections: [
        {
          name: endpoint.service
          properties: {
            privateLinkServiceId: resourceId(endpoint.type, endpoint.of)
            groupIds: [
              endpoint.service
            ]
          }
        }
      ]
    }
  }
]

// The account's usual name leads to the private address, for whoever asks from inside.
resource addresses 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = [
  for (endpoint, index) in endpoints: {
    parent: privateEndpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: endpoint.service
          properties: {
            privateDnsZoneId: zones[indexOf(services, endpoint.service)].id
          }
        }
      ]
    }
    dependsOn: [
      links
    ]
  }
]

output appSubnetId string = network::appSubnet.id
