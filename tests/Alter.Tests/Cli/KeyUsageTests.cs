using Alter.Apps;
using Alter.Storage;
using Alter.Testing;
using Alter.Tests.Apps;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Cli;

/// <summary>When app keys were last used: noted off the path, shown by <c>./alter key usage</c>.</summary>
public sealed class KeyUsageTests(SharedAzurite azurite) : IDisposable
{
    private readonly CommandLine machine = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeNetwork network = new();

    public void Dispose()
    {
        machine.Dispose();
        network.Dispose();
    }

    [Fact]
    public async Task Each_key_is_shown_with_its_last_use_and_its_state()
    {
        var (app, (store, use)) = (A.AppId(), await NotingAsync());
        var configuration = Has(app, """{ "id": "old", "sha256": "DIGEST1", "expires_at": "2026-11-27T13:00:00Z", "deprecated": true }, { "id": "new", "sha256": "DIGEST2" }""");
        use.Note(configuration, configuration.Keys[0]);
        use.Note(configuration, configuration.Keys[0] with { Id = "gone" });
        await Eventually.TrueAsync(async () => (await store.ListAsync(app, TestContext.Current.CancellationToken)).Count == 2, "both uses are written");
        time.Advance(TimeSpan.FromMinutes(20));

        var (exit, output) = await machine.RunAsync(["key", "usage"]);

        Assert.Equal(0, exit);
        Assert.Contains($"{app}  old   2026-11-27 12:00Z, 20 minutes ago  expires 2026-11-27 13:00Z, in 40 minutes, deprecated", output, StringComparison.Ordinal);
        Assert.Contains($"{app}  new   never noted                        good", output, StringComparison.Ordinal);
        Assert.Contains($"{app}  gone  2026-11-27 12:00Z, 20 minutes ago  no longer in the document", output, StringComparison.Ordinal);
        Assert.DoesNotContain(AppKeys.Prefix, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_use_is_written_at_most_every_five_minutes_and_nobody_waits_for_it()
    {
        var (app, (store, use)) = (A.AppId(), await NotingAsync());
        var configuration = Has(app, """{ "id": "main", "sha256": "DIGEST1" }""");
        var goOn = new TaskCompletionSource();
        network.Before = _ => goOn.Task;
        use.Note(configuration, configuration.Keys[0]); // Returns although storage does not.
        goOn.SetResult();
        await Eventually.TrueAsync(async () => (await store.ListAsync(app, TestContext.Current.CancellationToken)).Count == 1, "the use is written");
        var written = network.Requests;

        time.Advance(KeyUse.Interval - TimeSpan.FromSeconds(1));
        use.Note(configuration, configuration.Keys[0]);
        Assert.Equal(written, network.Requests);

        time.Advance(TimeSpan.FromSeconds(1));
        use.Note(configuration, configuration.Keys[0]);
        await Eventually.TrueAsync(async () => (await store.ListAsync(app, TestContext.Current.CancellationToken))["main"] == time.GetUtcNow(), "the next use is written");
    }

    [Fact]
    public async Task A_use_that_cannot_be_written_hurts_nobody()
    {
        var (app, (_, use)) = (A.AppId(), await NotingAsync());
        var configuration = Has(app, """{ "id": "main", "sha256": "DIGEST1" }""");
        network.LosesRequest = _ => true;

        use.Note(configuration, configuration.Keys[0]);

        await Eventually.TrueAsync(() => network.Requests > 0, "it was tried");
    }

    [Fact]
    public async Task Where_storage_cannot_be_used_that_is_said()
    {
        Has(A.AppId(), """{ "id": "main", "sha256": "DIGEST1" }""");
        machine.Environment.Remove("AlterStorage");

        var (exit, output) = await machine.RunAsync(["key", "usage"]);

        Assert.Equal(1, exit);
        Assert.Contains("!!  There is no setting AlterStorage", output, StringComparison.Ordinal);
    }

    // In the vault's storage there is a salt; without one the command says it is no vault's.
    private async Task<(KeyUseStore Store, KeyUse Use)> NotingAsync()
    {
        var tables = new AlterTables(A.Storage(azurite.ConnectionString, network));
        var store = new KeyUseStore(new AlterTables(A.Storage(azurite.ConnectionString)));
        using var vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App("salt")));
        await vault.OwnerAsync();
        return (store, new KeyUse(new KeyUseStore(tables), time, NullLogger<KeyUse>.Instance));
    }

    private AppConfiguration Has(string app, string keys)
    {
        machine.Time = time;
        machine.Environment["AlterStorage"] = azurite.ConnectionString;
        machine.Has("alter.json", $$"""
            { "public_url": "https://vault.acme.com", "apps": { "{{app}}": { "name": "Robots", "owner": "app", "keys": [{{keys.Replace("DIGEST1", Documents.DigestOne, StringComparison.Ordinal).Replace("DIGEST2", Documents.DigestTwo, StringComparison.Ordinal)}}] } } }
            """);
        return ConfigurationReader.Read(File.ReadAllText(machine.PathOf("alter.json")), Documents.Production).Configuration!.Apps[app];
    }
}
