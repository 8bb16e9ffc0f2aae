using Alter.Audit;
using Alter.Grants;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Audit;

/// <summary>A vault with an empty record, a clock of its own, and one provider.</summary>
public abstract class RecordFixture(OwnAzurite azurite) : IAsyncLifetime
{
    protected const string Lost = "lost";

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_567));

    protected FakeProvider Provider { get; private set; } = null!;

    protected Vault Vault { get; set; } = null!;

    protected FakeKeySource Keys { get; } = new(A.Key());

    protected string App { get; } = A.AppId();

    protected OwnAzurite Azurite => azurite;

    public async ValueTask InitializeAsync()
    {
        var service = new TableServiceClient(azurite.ConnectionString);
        await foreach (var table in service.QueryAsync(cancellationToken: Cancellation))
        {
            await service.DeleteTableAsync(table.Name, Cancellation);
        }

        Provider = await FakeProvider.StartAsync();
        Vault = NewVault();
    }

    public async ValueTask DisposeAsync()
    {
        Vault.Dispose();
        await Provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another process over the same storage.</summary>
    protected Vault NewVault(params string[] hosts) => new(new VaultSetup(azurite.ConnectionString, A.App(App, A.Provider(Provider, change: known => known with { ApiHosts = [.. known.ApiHosts, .. hosts] }))) { Time = Time, Keys = Keys, RecordsGrants = true });

    protected AuditEntry Entry(string kind = AuditKinds.End, string? id = null, string? user = null, string? outcome = AuditOutcomes.Answered) => new()
    {
        Kind = kind,
        Id = id ?? OperationId.New(),
        At = Time.GetUtcNow(),
        App = App,
        User = user,
        Provider = "erp",
        Method = "GET",
        Url = "https://api.erp.acme.com/orders",
        Outcome = kind is AuditKinds.Call ? null : outcome,
        Status = kind is AuditKinds.Call ? null : 200,
    };

    protected async Task AppendAsync(params AuditEntry[] entries)
    {
        foreach (var entry in entries)
        {
            Assert.True(await Vault.Record.AppendAsync(entry));
        }
    }

    protected Task<RecordVerdict> VerifyAsync(params SealAnchor[] anchors) => new VerifyRecord(Vault.Tables, Vault.Ring).RunAsync(anchors, Cancellation);

    protected async Task<string> OnlyFaultAsync() => Assert.Single((await VerifyAsync()).Faults);

    protected TableClient Month => azurite.Table($"audit{RowKeys.Month(Time.GetUtcNow())}");

    /// <summary>All rows of a month, in order, heads left out.</summary>
    protected async Task<List<TableEntity>> RowsAsync(TableClient? table = null)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in (table ?? Month).QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            if (row.RowKey != "head")
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    protected static AuditEntry Read(TableEntity row) => AuditEntry.Parse(row.GetString("entry"))!;

    protected Task<GrantOwner> OwnerAsync(string subject) => Vault.Owners.OfAsync(new UserId(App, "https://idp.acme.com", "sub", subject), Cancellation).AsTask();
}
