using Alter.Grants;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Refresh;

/// <summary>What a writer of the storage account can make of the time between reading a row and believing it (security A35).</summary>
public sealed class ForgedRowRefreshTests(SharedAzurite azurite) : RefreshFixture(azurite)
{
    private readonly TableClient rows = azurite.Table("grants");

    [Fact]
    public async Task A_copied_id_does_not_share_in_another_users_refresh()
    {
        var adas = await StaleAsync();
        var mallory = await Vault.OwnerAsync("mallory");
        var copy = await RowAsync(adas.Key);
        (copy.PartitionKey, copy["uh"]) = (mallory.Partition, mallory.Hash);
        await rows.UpsertEntityAsync(copy, TableUpdateMode.Replace, Cancellation);
        Assert.True((await Vault.Resolution.ResolveAsync(mallory, "erp", null, Cancellation)).Succeeded(out var forged, out _));
        var (arrived, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        Provider.BeforeAnswer = _ =>
        {
            arrived.TrySetResult();
            return answer.Task;
        };

        var adasCall = Vault.AccessTokens.GetAsync(adas, Erp, Cancellation);
        await arrived.Task;
        var mallorysCall = Vault.AccessTokens.GetAsync(forged, Erp, Cancellation);
        answer.SetResult();

        Assert.True((await adasCall).Succeeded(out _, out _));
        Assert.False((await mallorysCall).Succeeded(out _, out var refusal), "Mallory was handed Ada's token.");
        Assert.IsType<IntegrityFailure>(refusal);
    }

    [Fact]
    public async Task A_row_that_changes_its_provider_while_a_lease_is_waited_for_sends_no_token_there()
    {
        await using var evil = await FakeProvider.StartAsync();
        var grant = await StaleAsync();
        var honest = await RowAsync(grant.Key);
        await EditAsync(grant.Key, row =>
        {
            row["provider"] = "evil";
            (row["lease_op"], row["lease_until"], row["lease_gen"]) = ("nobody", Time.GetUtcNow().AddMinutes(1), 1);
        });

        var refresh = Vault.Refresher.RefreshAsync(await Vault.ReadAsync(grant), A.Provider(evil, "evil"));
        honest.ETag = default;
        await rows.UpsertEntityAsync(honest, TableUpdateMode.Replace, Cancellation);

        Assert.IsType<IntegrityFailure>(Refused(await refresh));
        Assert.Empty(evil.Requests);
    }

    [Theory]
    [InlineData("crm|account")]
    [InlineData("~g|")]
    public async Task A_row_is_believed_in_its_own_place_alone(string place)
    {
        var grant = await StaleAsync();
        var copy = await RowAsync(grant.Key);
        copy.RowKey = place is "~g|" ? place + grant.Id.ToString("D") : place;
        await rows.UpsertEntityAsync(copy, TableUpdateMode.Replace, Cancellation);

        var read = await Vault.Store.ReadAsync(grant.Key with { Row = copy.RowKey }, Cancellation);

        Assert.IsType<IntegrityFailure>(Refused(await Vault.Refresher.RefreshAsync(read!, Erp)));
        Assert.Empty(Provider.Requests);
    }

    private async Task<TableEntity> RowAsync(GrantKey key) => await rows.GetEntityAsync<TableEntity>(key.Partition, key.Row, cancellationToken: Cancellation);

    private async Task EditAsync(GrantKey key, Action<TableEntity> edit)
    {
        var row = await RowAsync(key);
        edit(row);
        await rows.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);
    }
}
