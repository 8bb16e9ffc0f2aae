using System.Text.Json.Nodes;
using Alter.Bench.Running;
using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Health;

/// <summary>Workers that start while something they stand on cannot be used: they come up, refuse, say what and why, and serve again by themselves.</summary>
public sealed class DegradedStartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_right_to_storage_the_vault_is_up_says_that_roles_take_time_and_serves_once_it_has_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Azurite cannot be asked to end there.");
        await using var vault = await RunningVault.StartAsync(new RunningSetup { PersistsStorage = true });
        var backend = vault.Shop();
        var url = vault.Upstream.Echo();
        await backend.ConnectAsync();
        await RightsAsync(are: false);
        await RestartAsync(vault);
        foreach (var answer in await Task.WhenAll(backend.CallAsync("erp", url), backend.SendAsync(HttpMethod.Get, "/sdk/grants"), backend.MintAsync(new { })))
        {
            Assert.NotNull(answer.IsRefusal(503, "vault_unavailable")["Retry-After"]);
        }

        var problems = ProblemsOf((await ReadyAsync(vault)).Is(503).Json).ToArray();
        Assert.All((string[])["tables", "queues"], component => Assert.Contains(("No right to use it; role assignments can take 10 minutes.", component), problems));

        await RightsAsync(are: true);
        await Eventually.TrueAsync(async () => (await backend.CallAsync("erp", url)).Status == 200, "the same worker serves");
        await Eventually.TrueAsync(async () => (await ReadyAsync(vault)).Status == 200, "it says that it is ready");
        Assert.Equal(1, vault.Host.Workers[0].RestartCount);

        async Task RightsAsync(bool are)
        {
            await vault.Azurite.StopAsync();
            vault.Azurite.IsForbidding = !are;
            await vault.Azurite.RunAsync();
        }
    }

    [Fact]
    public async Task A_client_secret_that_is_missing_is_named_stops_its_provider_alone_and_once_it_is_there_the_same_worker_connects()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "No variable adds a trusted certificate there.");
        var folder = Directory.CreateTempSubdirectory("alter-secrets-");
        await using var keyVault = await BenchKeyVault.StartAsync(folder.FullName, Cancellation);
        await using var vault = await RunningVault.StartAsync(new RunningSetup
        {
            Settings = keyVault.Settings,
            Change = document => document["apps"]!["shop"]!["providers"]!["crm"]!["client_secret"]!["secret"] = "shop-crm",
        });
        var backend = vault.Shop();
        await backend.ConnectAsync();
        (await backend.CallAsync("erp", vault.Upstream.Echo())).Is(200);

        await SaysAsync("shop-crm: Key Vault has no secret of this name (404). Setting ALTER_SECRET_SHOP_CRM is not there either.");
        var session = (await backend.MintAsync(new { allowed_providers = new[] { "crm" } })).Is(201).Json;
        var browser = new Browser(vault);
        var refused = (await browser.AuthorizeAsync(session, "crm")).IsRefusal(503, "vault_unavailable");
        Assert.Equal("The client secret for provider crm cannot be read; /health/ready says which and why.", (string?)refused.Json["detail"]);
        Assert.NotNull(refused["Retry-After"]);
        Assert.Empty(vault.Crm.Requests);

        keyVault.IsForbidden = true;
        await SaysAsync("shop-crm: No right to read it in Key Vault (403); role assignments can take 10 minutes. Setting ALTER_SECRET_SHOP_CRM is not there either.");

        keyVault.IsForbidden = false;
        keyVault.Add("shop-crm", A.ClientSecret);
        await Eventually.TrueAsync(async () => (await ReadyAsync(vault)).Status == 200, "it says that it is ready");
        await backend.ConnectAsync("crm");
        (await backend.CallAsync("crm", vault.Upstream.Echo())).Is(200);
        Assert.Equal(0, vault.Host.Workers[0].RestartCount);
        folder.Delete(recursive: true);

        Task SaysAsync(string reason) => Eventually.TrueAsync(async () => (await ReadyAsync(vault)) is { Status: 503, Json: var said } && ProblemsOf(said).SequenceEqual([(reason, "secrets")]), reason);
    }

    [Fact]
    public async Task A_worker_that_starts_while_storage_is_down_serves_as_soon_as_it_is_back()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Azurite cannot be asked to end there.");
        await using var vault = await RunningVault.StartAsync(new RunningSetup { PersistsStorage = true });
        var backend = vault.Shop();
        var url = vault.Upstream.Echo();
        await backend.ConnectAsync();
        await vault.Azurite.StopAsync();
        await RestartAsync(vault);
        (await backend.CallAsync("erp", url)).IsRefusal(503, "vault_unavailable");
        Assert.Contains(("It does not answer.", "tables"), ProblemsOf((await ReadyAsync(vault)).Is(503).Json));

        await vault.Azurite.RunAsync();
        await Eventually.TrueAsync(async () => (await backend.CallAsync("erp", url)).Status == 200, "the same worker serves");
        await Eventually.TrueAsync(async () => (await ReadyAsync(vault)).Status == 200, "it says that it is ready");
        Assert.Equal(1, vault.Host.Workers[0].RestartCount);
    }

    [Fact]
    public async Task Whatever_is_wrong_with_Key_Vault_is_named_and_once_it_is_right_the_same_worker_serves()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "No variable adds a trusted certificate there.");
        var folder = Directory.CreateTempSubdirectory("alter-kek-");
        await using var keyVault = await BenchKeyVault.StartAsync(folder.FullName, Cancellation);
        await using var vault = await RunningVault.StartAsync(new RunningSetup
        {
            Settings = keyVault.Settings,
            Change = document => document["key_encryption"] = new JsonObject { ["source"] = "key_vault", ["secret"] = FakeKeyVault.Secret },
        });
        var backend = vault.Shop();
        var url = vault.Upstream.Echo();
        await backend.ConnectAsync();
        keyVault.IsForbidden = true;
        await RestartAsync(vault);
        foreach (var answer in await Task.WhenAll(backend.CallAsync("erp", url), backend.ProxyAsync(HttpMethod.Post, url, request => request.Headers.Add("X-Alter-Provider", "erp")), backend.MintAsync(new { })))
        {
            answer.IsRefusal(503, "vault_unavailable");
        }

        await SaysAsync("No right to read secret alter-kek; role assignments can take 10 minutes.");
        (keyVault.IsForbidden, keyVault.IsEmpty) = (false, true);
        await SaysAsync("Key Vault has no secret alter-kek.");
        (keyVault.IsEmpty, keyVault.IsDown) = (false, true);
        await SaysAsync("Key Vault does not answer.");
        keyVault.IsDown = false;
        await Eventually.TrueAsync(async () => (await backend.CallAsync("erp", url)).Status == 200, "the same worker serves, and the grant is still there");
        await Eventually.TrueAsync(async () => (await ReadyAsync(vault)).Status == 200, "it says that it is ready");
        Assert.Equal(1, vault.Host.Workers[0].RestartCount);
        folder.Delete(recursive: true);

        Task SaysAsync(string reason) => Eventually.TrueAsync(async () => (await ReadyAsync(vault)) is { Status: 503, Json: var said } && ProblemsOf(said).Contains((reason, "keys")), reason);
    }

    private static async Task RestartAsync(RunningVault vault)
    {
        await vault.Host.KillAsync(0, Cancellation);
        await vault.Host.Workers[0].WhenReadyAsync(Cancellation);
    }

    private static Task<Answer> ReadyAsync(RunningVault vault) => new Browser(vault).GoAsync(new Uri(vault.PublicUrl, "/health/ready"));

    private static IEnumerable<(string? Reason, string? Component)> ProblemsOf(JsonNode said) =>
        said["problems"]!.AsArray().Select(problem => ((string?)problem!["reason"], (string?)problem["component"]));
}
