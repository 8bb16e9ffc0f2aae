using Alter.Apps;
using Alter.Audit;
using Alter.Grants;
using Alter.Keys;
using Alter.Storage;
using Alter.Testing;
using Alter.Tests.Apps;
using Azure.Data.Tables;

namespace Alter.Tests.Cli;

/// <summary>The command over a real vault's storage; of the vault's key it knows nothing.</summary>
public sealed class EraseUserTests(SharedAzurite azurite) : IAsyncLifetime
{
    private const string Issuer = "https://acme.eu.auth0.com/";
    private readonly CommandLine machine = new();
    private readonly string shop = A.AppId();
    private readonly string desk = A.AppId();
    private FakeProvider provider = null!;
    private Vault shopVault = null!;
    private Vault deskVault = null!;

    public async ValueTask InitializeAsync()
    {
        provider = await FakeProvider.StartAsync();
        shopVault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(shop, A.Provider(provider))));
        deskVault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(desk, A.Provider(provider))));
        machine.Has("alter.json", Document("")).Environment["AlterStorage"] = azurite.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        machine.Dispose();
        shopVault.Dispose();
        deskVault.Dispose();
        await provider.DisposeAsync();
    }

    [Fact]
    public async Task A_user_is_erased_in_every_app_of_the_identity_provider_and_nobody_else_is()
    {
        var (inShop, inDesk) = (await GrantAsync(shopVault, "auth0|ada"), await GrantAsync(deskVault, "auth0|ada"));
        var bobs = await GrantAsync(shopVault, "auth0|bob");

        var (exit, output) = await machine.RunAsync(["users", "erase", "--identity-provider", "auth0", "--user", "auth0|ada", "--yes"]);

        Assert.True(exit == 0, output);
        Assert.All([shop, desk], app => Assert.Contains($"ok  {app}: 1 grants revoked", output, StringComparison.Ordinal));
        Assert.All([inShop.Id.ToString("D"), "ada@example.com", "auth0|ada"], secret => Assert.DoesNotContain(secret, output, StringComparison.Ordinal));
        Assert.True((await shopVault.ReadAsync(inShop)).IsErased);
        Assert.True((await deskVault.ReadAsync(inDesk)).IsErased);
        Assert.Equal(bobs.ETag, (await shopVault.ReadAsync(bobs)).ETag);
    }

    [Fact]
    public async Task One_app_alone_and_the_user_from_standard_input()
    {
        var (inShop, inDesk) = (await GrantAsync(shopVault, "auth0|ada"), await GrantAsync(deskVault, "auth0|ada"));

        var (exit, output) = await machine.RunAsync(["users", "erase", "--identity-provider", "auth0", "--user", "-", "--app", desk, "--yes"], "auth0|ada\n");

        Assert.True(exit == 0, output);
        Assert.Equal(GrantStatus.Active, (await shopVault.ReadAsync(inShop)).Status);
        Assert.True((await deskVault.ReadAsync(inDesk)).IsErased);
    }

    [Fact]
    public async Task Where_the_key_can_be_read_the_record_tells_of_the_revocation_and_the_users_activity_is_empty()
    {
        machine.Environment["ALTER_STATE_DIRECTORY"] = machine.PathOf("state");
        using var vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(shop, A.Provider(provider))) { Keys = new LocalKeySource(Path.Combine(machine.PathOf("state"), "kek")) });
        var grant = await GrantAsync(vault, "auth0|ada");

        var (exit, output) = await machine.RunAsync(["users", "erase", "--identity-provider", "auth0", "--user", "auth0|ada", "--app", shop, "--yes"]);

        Assert.True(exit == 0, output);
        Assert.DoesNotContain("not taken down", output, StringComparison.Ordinal);
        var month = RowKeys.Month(TimeProvider.System.GetUtcNow());
        Assert.Contains(GrantEvents.Revoked, await OutcomesAsync(vault.Tables.AuditOf(month), grant));
        Assert.Empty(await OutcomesAsync(vault.Tables.ActivityOf(month), grant, row => row.PartitionKey == grant.Key.Partition));
    }

    [Fact]
    public async Task Without_the_key_it_erases_and_says_that_the_record_has_nothing_of_it()
    {
        var grant = await GrantAsync(shopVault, "auth0|ada");

        var (exit, output) = await machine.RunAsync(["users", "erase", "--identity-provider", "auth0", "--user", "auth0|ada", "--app", shop, "--yes"]);

        Assert.True(exit == 0, output);
        Assert.Contains("not taken down in the vault's record", output, StringComparison.Ordinal);
        Assert.True((await shopVault.ReadAsync(grant)).IsErased);
    }

    [Theory]
    [InlineData("--dry-run", "", 0)]
    [InlineData("--app", "", 1)] // Nothing typed.
    [InlineData("--app", "y\n", 1)]
    public async Task Without_a_yes_it_only_counts(string option, string typed, int expected)
    {
        var grant = await GrantAsync(shopVault, "auth0|ada");
        string[] arguments = ["users", "erase", "--identity-provider", "auth0", "--user", "auth0|ada", .. option is "--app" ? new[] { option, shop } : [option]];

        var (exit, output) = await machine.RunAsync(arguments, typed);

        Assert.Equal(expected, exit);
        Assert.Contains($"{shop}: 1 grants, 0 ended before", output, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", output, StringComparison.Ordinal);
        Assert.Equal(grant.ETag, (await shopVault.ReadAsync(grant)).ETag);

        if (option is "--app")
        {
            Assert.Equal(0, (await machine.RunAsync(arguments, "yes\n")).Exit);
            Assert.True((await shopVault.ReadAsync(grant)).IsErased);
        }
    }

    [Theory]
    [InlineData("--identity-provider okta --user x", "no identity provider of that id; it has auth0, entra")]
    [InlineData("--identity-provider auth0 --user x --app nowhere", "no app of that id")]
    [InlineData("--identity-provider entra --user x", "Say the user's --tenant, one of 72f988bf-86f1-41af-91ab-2d7cd011db47")]
    [InlineData("--identity-provider auth0 --user x --tenant y", "leave --tenant out")]
    [InlineData("--identity-provider entra --user x --tenant 72f988bf-86f1-41af-91ab-2d7cd011db47", "No app of the document has this identity provider")]
    public async Task What_names_nobody_is_said(string arguments, string said)
    {
        var (exit, output) = await machine.RunAsync(["users", "erase", .. arguments.Split(' '), "--yes"]);

        Assert.Equal(1, exit);
        Assert.Contains(said, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_that_is_not_named_not_there_or_no_vaults_is_said_and_nothing_appears_in_it()
    {
        string[] arguments = ["users", "erase", "--identity-provider", "auth0", "--user", "x", "--yes"];
        machine.Environment["AlterStorage"] = "";
        Assert.Contains("There is no setting AlterStorage", (await machine.RunAsync(arguments)).Output, StringComparison.Ordinal);

        machine.Environment["AlterStorage"] = System.Text.RegularExpressions.Regex.Replace(azurite.ConnectionString, @"127\.0\.0\.1:\d+", "127.0.0.1:1");
        Assert.Contains("does not answer", (await machine.RunAsync(arguments)).Output, StringComparison.Ordinal);

        await using var empty = new Azurite();
        await empty.RunAsync();
        machine.Environment["AlterStorage"] = empty.ConnectionString;
        Assert.Contains("No vault has ever stored anything there", (await machine.RunAsync(arguments)).Output, StringComparison.Ordinal);
        Assert.False(await empty.Table("jobs").GetEntityIfExistsAsync<Azure.Data.Tables.TableEntity>("deployment", "salt", cancellationToken: TestContext.Current.CancellationToken) is { HasValue: true });
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_erases_nobody()
    {
        machine.Has("alter.json", """{ "apps": {}, "orgins": [] }""");

        var (exit, output) = await machine.RunAsync(["users", "erase", "--identity-provider", "auth0", "--user", "x", "--yes"]);

        Assert.Equal(1, exit);
        Assert.Contains("orgins", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_says_what_is_suspended_and_finds_nothing_wrong_with_it()
    {
        machine.Has("alter.json", Document(""" "suspended": true, """));
        machine.Environment["ALTER_SUSPENDED"] = "true";

        var (_, output) = await machine.RunAsync(["check", "--offline"]);

        Assert.All(["ALTER_SUSPENDED", "suspended", $"apps.{shop}.suspended"], name => Assert.Contains($"**  {name} is true: suspended", output, StringComparison.Ordinal));
        Assert.DoesNotContain("!!  suspended", output, StringComparison.Ordinal);
    }

    private static async Task<Grant> GrantAsync(Vault vault, string subject)
    {
        var user = new UserId(vault.App.Id, Issuer, "sub", subject);
        return await vault.GrantAsync(owner: await vault.Owners.OfAsync(user, TestContext.Current.CancellationToken));
    }

    private static async Task<List<string?>> OutcomesAsync(TableClient table, Grant grant, Func<TableEntity, bool>? where = null)
    {
        var outcomes = new List<string?>();
        await foreach (var row in table.QueryAsync<TableEntity>(cancellationToken: TestContext.Current.CancellationToken))
        {
            if ((where is null || where(row)) && AuditEntry.Parse(row.GetString("entry")) is { } entry && entry.GrantId == grant.Id)
            {
                outcomes.Add(entry.Outcome);
            }
        }

        return outcomes;
    }

    // As the vaults above are, with an identity provider.
    private string Document(string further)
    {
        string App(string id, string digest, string more) => $$"""
            "{{id}}": { "name": "Acme", {{more}} "keys": [{ "id": "main", "sha256": "{{digest}}" }], "identity_providers": ["auth0"], "shared_audience": true,
              "providers": { "erp": { "definition": { "name": "Acme ERP", "issuer": "https://login.erp.acme.com", "api_hosts": ["api.erp.acme.com"] },
                "client_id": "{{id}}", "client_secret": { "secret": "shop-erp" }, "shared_client": true } } }
            """;
        return $$"""
            {
              {{further}}
              "identity_providers": {
                "auth0": { "issuer": "{{Issuer}}", "audiences": ["https://api.acme.com"] },
                "entra": { "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0", "allowed_tenants": ["72f988bf-86f1-41af-91ab-2d7cd011db47", "9188040d-6c67-4c5b-b112-36a304b66dad"], "audiences": ["a"] }
              },
              "apps": { {{App(shop, Documents.DigestOne, further)}}, {{App(desk, Documents.DigestTwo, "")}} }
            }
            """;
    }
}
