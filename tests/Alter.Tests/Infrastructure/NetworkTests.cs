using System.Text.Json.Nodes;

namespace Alter.Tests.Infrastructure;

/// <summary>The private network: off by default, and if on, then for everything the app stands on.</summary>
public sealed class NetworkTests(CompiledTemplate template) : IClassFixture<CompiledTemplate>
{
    [Fact]
    public void It_is_off_by_default_and_then_nothing_of_it_is_made()
    {
        BicepCompiler.SkipWhereItCannotRun();

        Assert.False(template.Main.Json["parameters"]!["privateNetwork"]!["defaultValue"]!.GetValue<bool>());
        Assert.Equal("[parameters('privateNetwork')]", template.Module("network").Json["condition"]!.GetValue<string>());
        Assert.Equal(
            "[if(parameters('privateNetwork'), createObject('value', reference('network').outputs.appSubnetId.value), createObject('value', ''))]",
            Parameters("app")["subnetId"]!.GetValue<string>());
        Assert.Equal("[if(empty(parameters('subnetId')), null(), parameters('subnetId'))]", Assert.Single(template.OfType("Microsoft.Web/sites")).Properties["virtualNetworkSubnetId"]!.GetValue<string>());
    }

    [Fact]
    public void With_it_both_storage_accounts_and_both_key_vaults_are_closed_to_the_public()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var closed = template.OfType("Microsoft.Storage/storageAccounts").Concat(template.OfType("Microsoft.KeyVault/vaults")).ToList();

        Assert.Equal(4, closed.Count);
        Assert.All(closed, resource =>
        {
            Assert.Equal("[if(parameters('publicAccess'), 'Enabled', 'Disabled')]", resource.Properties["publicNetworkAccess"]!.GetValue<string>());
            Assert.Equal("[if(parameters('publicAccess'), 'Allow', 'Deny')]", resource.Properties["networkAcls"]!["defaultAction"]!.GetValue<string>());
            Assert.Equal("None", resource.Properties["networkAcls"]!["bypass"]!.GetValue<string>());
        });
        Assert.All(["storage", "keys"], module => Assert.Equal("[not(parameters('privateNetwork'))]", Given(module, "publicAccess")));
    }

    [Fact]
    public void Every_service_of_every_account_and_both_key_vaults_have_a_private_endpoint_and_a_zone_that_names_it()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var endpoint = Assert.Single(template.OfType("Microsoft.Network/privateEndpoints"));
        var variables = endpoint.Template.Json["variables"]!;

        Assert.Equal(["blob", "queue", "table", "vault"], variables["services"]!.AsArray().Select(service => service!.GetValue<string>()));
        Assert.Equal(
            ["privatelink.blob.", "privatelink.queue.", "privatelink.table.", "privatelink"],
            variables["zoneNames"]!.AsArray().Select(zone => zone!.GetValue<string>().Split('\'')[1].Replace("{0}", "", StringComparison.Ordinal)));
        Assert.Equal(2, Parameters("network")["storageAccountNames"]!["value"]!.AsArray().Count);
        Assert.Equal(2, Parameters("network")["keyVaultNames"]!["value"]!.AsArray().Count);
        var expression = variables["endpoints"]!.GetValue<string>();
        Assert.Contains("map(take(variables('services'), 3)", expression, StringComparison.Ordinal);
        Assert.Contains("map(parameters('storageAccountNames')", expression, StringComparison.Ordinal);
        Assert.Contains("map(parameters('keyVaultNames')", expression, StringComparison.Ordinal);
        Assert.Equal("[length(variables('endpoints'))]", Assert.Single(template.OfType("Microsoft.Network/privateEndpoints/privateDnsZoneGroups")).Json["copy"]!["count"]!.GetValue<string>());
        Assert.Equal("[length(variables('zoneNames'))]", Assert.Single(template.OfType("Microsoft.Network/privateDnsZones/virtualNetworkLinks")).Json["copy"]!["count"]!.GetValue<string>());
    }

    // serverFarms, the delegation of other plans, is refused by Flex Consumption, and so is an underscore.
    [Fact]
    public void The_apps_subnet_is_delegated_as_flex_consumption_wants_it()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var subnets = Assert.Single(template.OfType("Microsoft.Network/virtualNetworks")).Properties["subnets"]!.AsArray();
        var delegated = Assert.Single(subnets, subnet => subnet!["properties"]!["delegations"] is not null)!;

        Assert.Equal("app", delegated["name"]!.GetValue<string>());
        Assert.Equal("Microsoft.App/environments", Assert.Single(delegated["properties"]!["delegations"]!.AsArray())!["properties"]!["serviceName"]!.GetValue<string>());
        Assert.All(subnets, subnet => Assert.DoesNotContain('_', subnet!["name"]!.GetValue<string>()));
    }

    private JsonObject Parameters(string module) => template.Module(module).Properties["parameters"]!.AsObject();

    private string Given(string module, string parameter) => Parameters(module)[parameter]!["value"]!.GetValue<string>();
}
