using Alter.Apps;
using Alter.Policies;
using Microsoft.Extensions.Configuration;

namespace Alter.Tests.Apps;

public sealed class SuspensionTests
{
    [Theory]
    [InlineData("suspended", "suspended", Suspension.All, Suspension.All)]
    [InlineData("apps.shop.suspended", "apps.shop.suspended", Suspension.App, null)]
    [InlineData("apps.shop.providers.erp.suspended", "apps.shop.providers.erp.suspended", Suspension.Provider, null)]
    public void Each_level_holds_for_what_lies_below_it_and_is_named(string path, string named, Suspension shop, Suspension? robots)
    {
        var (configuration, mistakes) = Documents.Read(Documents.With(path, "true"));

        Assert.Empty(mistakes);
        Assert.Equal((shop, robots), (configuration!.Apps["shop"].Providers["erp"].Suspension, configuration.Apps["robots"].Providers["erp"].Suspension));
        Assert.Equal([named], configuration.Suspensions);
    }

    [Fact]
    public void The_secret_of_what_is_suspended_need_not_be_there()
    {
        var configuration = Documents.Read(Documents.With("apps.shop.providers.erp.suspended", "true")).Configuration!;

        Assert.Equal(["auth0-alter", "robots-erp", "shop-erp"], configuration.SecretNames);
        Assert.Equal(["auth0-alter", "robots-erp"], configuration.SecretNamesInUse);
        Assert.Equal(["auth0-alter"], Documents.Read(Documents.With("suspended", "true")).Configuration!.SecretNamesInUse);
    }

    [Theory]
    [InlineData("suspended")]
    [InlineData("apps.shop.suspended")]
    [InlineData("apps.shop.providers.erp.suspended")]
    public void What_is_false_or_left_out_suspends_nothing_and_what_is_neither_is_a_mistake(string path)
    {
        Assert.Empty(Documents.Read(Documents.With(path, "false")).Configuration!.Suspensions);
        Assert.Empty(Documents.Read(Documents.Right).Configuration!.Suspensions);
        Assert.All((string[])["\"true\"", "1", "[]", "null"], value => Assert.Equal(path, Assert.Single(Documents.Read(Documents.With(path, value)).Mistakes).Path));
    }

    [Fact]
    public void Of_several_levels_the_widest_is_said()
    {
        var json = Documents.With("apps.shop.providers.erp.suspended", "true");

        Assert.Equal(Suspension.Provider, Documents.Read(json).Configuration!.Apps["shop"].Providers["erp"].Suspension);
        var both = ConfigurationReader.Read(json, Documents.Production with { Suspended = "true" }).Configuration!;
        Assert.Equal(Suspension.All, both.Apps["shop"].Providers["erp"].Suspension);
        Assert.Equal(["ALTER_SUSPENDED", "apps.shop.providers.erp.suspended"], both.Suspensions);
        var provider = Documents.Read(Documents.Right).Configuration!.Apps["shop"].Providers["erp"];
        Assert.Equal(Suspension.App, provider.SuspendedBy(Suspension.Provider).SuspendedBy(Suspension.App).SuspendedBy(Suspension.Provider).Suspension);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("True")]
    public void The_setting_stops_everything_whatever_the_document_says(string setting)
    {
        var configuration = ConfigurationReader.Read(Documents.With("suspended", "false"), Situation(setting)).Configuration!;

        Assert.All(configuration.Apps.Values.SelectMany(app => app.Providers.Values), provider => Assert.Equal(Suspension.All, provider.Suspension));
    }

    [Fact]
    public void The_setting_resumes_nothing_that_the_document_stops() =>
        Assert.Equal(Suspension.All, ConfigurationReader.Read(Documents.With("suspended", "true"), Situation("false")).Configuration!.Apps["shop"].Providers["erp"].Suspension);

    [Theory]
    [InlineData("yes")]
    [InlineData("1")]
    public void A_setting_that_is_neither_true_nor_false_leaves_no_document_to_go_by(string setting)
    {
        var (configuration, mistakes) = ConfigurationReader.Read(Documents.Right, Situation(setting));

        Assert.Null(configuration);
        Assert.Equal("ALTER_SUSPENDED", Assert.Single(mistakes).Path);
    }

    private static HostSituation Situation(string setting) =>
        HostSituation.From(new ConfigurationBuilder().AddInMemoryCollection([new("ALTER_SUSPENDED", setting), new("WEBSITE_SITE_NAME", "vault"), new("WEBSITE_HOSTNAME", "vault.azurewebsites.net")]).Build());
}
