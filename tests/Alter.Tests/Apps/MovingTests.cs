using Alter.Apps;

namespace Alter.Tests.Apps;

/// <summary>The document of a vault that moves to another domain.</summary>
public sealed class MovingTests
{
    private const string Former = "https://vault-old.acme.com";

    [Fact]
    public void Providers_move_one_by_one()
    {
        var vault = Documents.Read(Moving(("apps.shop.providers.erp.redirect_at", "\"former_public_url\""))).Configuration!;

        Assert.Equal($"{Former}/oauth/callback/shop/erp", vault.RedirectUri("shop", "erp").AbsoluteUri);
        Assert.Equal("https://vault.acme.com/oauth/callback/robots/erp", vault.RedirectUri("robots", "erp").AbsoluteUri);
        Assert.Equal("https://vault.acme.com/oauth/signin/shop/auth0", vault.SignInRedirectUri("shop", "auth0").AbsoluteUri);
        Assert.Equal("https://vault.acme.com", vault.PublicOrigin);
    }

    [Theory]
    [InlineData("https://vault.acme.com", true)]
    [InlineData(Former, true)]
    [InlineData("https://vault-old.acme.com/", false)]
    [InlineData("https://VAULT-OLD.acme.com", false)]
    [InlineData("https://vault-old.acme.com:443", false)]
    [InlineData("http://vault-old.acme.com", false)]
    [InlineData("https://vault-old.acme.com.evil.example", false)]
    [InlineData("https://vault-old.acme.com,https://vault.acme.com", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    public void Exactly_two_origins_are_the_vaults_own(string origin, bool isOwn) => Assert.Equal(isOwn, Documents.Read(Moving()).Configuration!.IsOwnOrigin(origin));

    [Fact]
    public void A_vault_that_does_not_move_has_one_origin()
    {
        var vault = Documents.Read(Documents.Right).Configuration!;

        Assert.False(vault.IsOwnOrigin(Former));
        Assert.False(vault.IsOwnOrigin(""));
    }

    [Theory]
    [InlineData("\"https://vault.acme.com\"", "public URL itself")]
    [InlineData("\"https://VAULT.acme.com:443/\"", "public URL itself")]
    [InlineData("\"http://vault-old.acme.com\"", "https origin")]
    [InlineData("\"https://vault-old.acme.com/vault\"", "https origin")]
    [InlineData("\"https://a@vault-old.acme.com\"", "https origin")]
    [InlineData("\"null\"", "https origin")]
    [InlineData("\"https://localhost:7071\"", "on this machine")]
    public void A_former_public_url_that_is_none_is_one_mistake_whoever_names_it(string json, string said)
    {
        var document = Moving(("former_public_url", json), ("apps.shop.providers.erp.redirect_at", "\"former_public_url\""));

        var mistake = Assert.Single(Documents.Read(document).Mistakes);

        Assert.Equal("former_public_url", mistake.Path);
        Assert.Contains(said, mistake.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"former_public_url\"", "the vault is not moving")]
    [InlineData("\"https://vault-old.acme.com\"", "must be")]
    [InlineData("\"\"", "must be")]
    public void A_provider_can_lead_back_to_one_of_the_two_and_nowhere_else(string json, string said)
    {
        var mistake = Assert.Single(Documents.Read(Documents.With("apps.shop.providers.erp.redirect_at", json)).Mistakes);

        Assert.Equal("apps.shop.providers.erp.redirect_at", mistake.Path);
        Assert.Contains(said, mistake.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_setting_beats_the_document()
    {
        var situation = Documents.Production with { FormerPublicUrlOverride = "https://older.acme.com" };

        Assert.Equal("https://older.acme.com", ConfigurationReader.Read(Moving(), situation).Configuration!.FormerPublicOrigin);
        Assert.Equal("ALTER_FORMER_PUBLIC_URL", Assert.Single(ConfigurationReader.Read(Documents.Right, situation with { FormerPublicUrlOverride = "vault" }).Mistakes).Path);
    }

    private static string Moving(params (string Path, string Json)[] changes)
    {
        var text = Documents.With("former_public_url", $"\"{Former}\"");
        foreach (var (path, json) in changes)
        {
            text = Documents.With(path, json, text);
        }

        return text;
    }
}
