using Alter.Grants;
using Alter.Providers;
using Alter.Testing;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Grants;

/// <summary>One vault with a clock of its own, one provider, and an app nobody else has.</summary>
public abstract class GrantFixture(SharedAzurite azurite) : IAsyncLifetime
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_567));

    protected FakeProvider Provider { get; private set; } = null!;

    protected Vault Vault { get; private set; } = null!;

    protected FakeKeySource Keys { get; } = new(A.Key());

    protected string Storage { get; } = azurite.ConnectionString;

    protected TableClient Rows { get; } = azurite.Table("grants");

    protected virtual RevocationKind Revocation => RevocationKind.Token;

    public async ValueTask InitializeAsync()
    {
        Provider = await FakeProvider.StartAsync();
        var erp = A.Provider(Provider, change: definition => definition with { Revocation = Revocation });
        var crm = A.Provider(Provider, "crm", definition => definition with { Revocation = Revocation });
        Vault = new Vault(new VaultSetup(Storage, A.App(A.AppId(), erp, crm)) { Time = Time, Keys = Keys });
    }

    public async ValueTask DisposeAsync()
    {
        Vault.Dispose();
        await Provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task<TableEntity> RowAsync(GrantKey key) => await Rows.GetEntityAsync<TableEntity>(key.Partition, key.Row, cancellationToken: Cancellation);

    protected async Task EditAsync(GrantKey key, Action<TableEntity> edit)
    {
        var row = await RowAsync(key);
        edit(row);
        await Rows.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);
    }

    /// <summary>A grant with real tokens of the provider.</summary>
    protected Task<Grant> GrantAsync(Action<GrantDraft>? change = null, string subject = "ada")
    {
        return Vault.GrantAsync(
            draft =>
            {
                change?.Invoke(draft);
                (draft.Access, draft.Refresh) = Provider.Issue(draft.Account);
            },
            subject);
    }
}
