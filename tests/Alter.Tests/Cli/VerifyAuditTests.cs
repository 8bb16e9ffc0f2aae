using Alter.Audit;
using Alter.Keys;
using Alter.Storage;
using Alter.Testing;
using Alter.Tests.Apps;
using Azure;
using Azure.Data.Tables;

namespace Alter.Tests.Cli;

public sealed class VerifyAuditTests(OwnAzurite azurite) : IClassFixture<OwnAzurite>, IAsyncLifetime
{
    private readonly CommandLine machine = new();
    private Vault vault = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var service = new TableServiceClient(azurite.ConnectionString);
        await foreach (var table in service.QueryAsync(cancellationToken: Cancellation))
        {
            await service.DeleteTableAsync(table.Name, Cancellation);
        }

        machine.Has("alter.json", $$"""
            {
              "apps": {
                "shop": {
                  "name": "Acme Shop", "owner": "app", "keys": [{ "id": "k1", "sha256": "{{Documents.DigestOne}}" }],
                  "providers": { "google": { "client_id": "1.apps.googleusercontent.com", "client_secret": { "secret": "shop-google" } } } } }
            }
            """);
        machine.Environment["AlterStorage"] = azurite.ConnectionString;
        machine.Environment["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development";
        machine.Environment["ALTER_PUBLIC_URL"] = "http://localhost:7071";
        machine.Environment["ALTER_STATE_DIRECTORY"] = machine.PathOf("state");
        vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(A.AppId())) { Keys = new LocalKeySource(Path.Combine(machine.PathOf("state"), "kek")) });
    }

    public ValueTask DisposeAsync()
    {
        vault.Dispose();
        machine.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_record_nobody_touched_is_right_and_one_with_a_gap_says_where()
    {
        await vault.Tables.EnsureAsync(Cancellation);
        await vault.Owners.OfAsync(UserId.AppItself("shop"), Cancellation); // As any vault that stored something: with a salt.
        for (var count = 0; count < 3; count++)
        {
            Assert.True(await vault.Record.AppendAsync(new AuditEntry { Kind = AuditKinds.End, Id = OperationId.New(), At = TimeProvider.System.GetUtcNow(), App = "shop" }));
        }

        await vault.Seal.RunAsync(Cancellation);
        var (exit, output) = await machine.RunAsync(["audit", "verify"]);
        Assert.Equal((0, "4 entries in 1 lanes under 1 seals: all as they were written."), (exit, output.Trim()));

        var seal = await new AuditSealStore(vault.Tables).ListAsync(Cancellation).FirstAsync(Cancellation);
        Assert.Equal(0, (await machine.RunAsync(["audit", "verify", "--anchor", $"1:{Convert.ToHexStringLower(seal.Hash)}"])).Exit);
        (exit, output) = await machine.RunAsync(["audit", "verify", "--anchor", $"1:{new string('0', 64)}"]);
        Assert.Equal(1, exit);
        Assert.Contains("Seal 1 has another hash than the one given.", output, StringComparison.Ordinal);

        var lane = seal.Seal!.Heads.Keys.Single();
        await vault.Tables.AuditOf(RowKeys.Month(TimeProvider.System.GetUtcNow())).DeleteEntityAsync(lane, "000000000002", ETag.All, Cancellation);
        (exit, output) = await machine.RunAsync(["audit", "verify"]);
        Assert.Equal(1, exit);
        Assert.Contains($"Entry 2 of lane {lane} is missing.", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1:xyz")]
    [InlineData("-1:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task An_anchor_that_is_none_is_said_so(string anchor)
    {
        var (exit, output) = await machine.RunAsync(["audit", "verify", "--anchor", anchor]);
        Assert.Equal(1, exit);
        Assert.Contains("--anchor takes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_where_no_vault_ever_was_is_not_called_right()
    {
        var (exit, output) = await machine.RunAsync(["audit", "verify"]);
        Assert.Equal(1, exit);
        Assert.DoesNotContain("as they were written", output, StringComparison.Ordinal);
    }
}
