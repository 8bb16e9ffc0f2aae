using Alter.Connect;
using Alter.Testing;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Connect;

public sealed class ConnectPurgeTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Expired_sessions_go_within_two_hours_and_live_ones_stay()
    {
        await using var azurite = await Azurite.StartAsync(); // Of its own: a purge knows no apps.
        await using var provider = await FakeProvider.StartAsync();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        using var vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App("shop", A.Provider(provider))) { Time = time });
        await Parallel.ForEachAsync(Enumerable.Range(0, 130), Cancellation, async (_, _) => await MintAsync(vault));

        await vault.Purge.RunAsync(Cancellation);
        Assert.Equal(130, await CountAsync(azurite));

        time.Advance(TimeSpan.FromHours(2));
        await MintAsync(vault);
        await vault.Purge.RunAsync(Cancellation);
        Assert.Equal(1, await CountAsync(azurite));
    }

    private static async Task MintAsync(Vault vault) =>
        Assert.True((await vault.Minting.MintAsync(vault.App, vault.User(), "Ada", new ConnectSessionRequest(), Cancellation)).Succeeded(out _, out _));

    private static async Task<int> CountAsync(Azurite azurite)
    {
        var count = 0;
        await foreach (var _ in azurite.Table("connect").QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            count++;
        }

        return count;
    }
}
