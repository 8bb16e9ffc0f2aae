using Alter.Grants;
using Alter.Keys;
using Alter.Testing;
using Alter.Tests.Refresh;
using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Grants.Rotation;

/// <summary>A vault in tables of its own, because a walk meets everything there is, with a page of two rows and one key to begin with.</summary>
public abstract class RewrapFixture(OwnAzurite azurite) : IClassFixture<OwnAzurite>, IAsyncLifetime
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    protected FakeKeySource KeySource { get; } = new(A.Key());

    protected FakeProvider Provider { get; private set; } = null!;

    protected Vault Vault { get; private set; } = null!;

    protected string Storage { get; } = azurite.ConnectionString;

    protected TableClient Rows { get; } = azurite.Table("grants");

    protected KeyEncryptionKey Current => KeySource.Versions[^1];

    protected virtual IKeySource Keys => KeySource;

    public virtual async ValueTask InitializeAsync()
    {
        Provider = await FakeProvider.StartAsync();
        Vault = new Vault(new VaultSetup(Storage, A.App(A.AppId(), A.Provider(Provider))) { Time = Time, Keys = Keys });
        foreach (var name in new[] { "grants", "jobs" })
        {
            var table = azurite.Table(name);
            await table.CreateIfNotExistsAsync(Cancellation);
            await foreach (var row in table.QueryAsync<TableEntity>(cancellationToken: Cancellation))
            {
                await table.DeleteEntityAsync(row, ETag.All, Cancellation);
            }
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        Vault.Dispose();
        await Provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected Rewrap Walker(Vault vault) =>
        new(vault.Store, vault.Rewraps, vault.Ring, Time, NullLogger<Rewrap>.Instance) { PageSize = 2 };

    protected Task WalkAsync() => Walker(Vault).RunAsync(Cancellation);

    protected async Task<RewrapProgress> ProgressAsync() =>
        await Vault.Rewraps.FindAsync(Cancellation) ?? throw new InvalidOperationException("Nobody has walked yet.");

    /// <summary>A new version, noted and five minutes old, so that every instance has it and the walk may begin.</summary>
    protected async Task RotateAsync()
    {
        KeySource.Versions.Add(A.Key());
        Time.Advance(KeyRing.Lifetime);
        await NoteAsync();
    }

    /// <summary>The first look at the current version, and the five minutes after it.</summary>
    protected async Task NoteAsync()
    {
        await WalkAsync();
        Time.Advance(KeyRing.Lifetime);
    }

    /// <summary>To the time from which a walk is telling.</summary>
    protected void Settle() => Time.Advance(RewrapProgress.SettleTime);

    /// <summary>A grant with real tokens of the provider, good for a week.</summary>
    protected Task<Grant> GrantAsync(string account = "ada@example.com", Func<Grant, Grant>? change = null, string subject = "ada") => Vault.GrantAsync(
        draft =>
        {
            draft.Account = account;
            draft.AccessTokenLifetime = TimeSpan.FromDays(7);
            draft.Change = change ?? draft.Change;
            (draft.Access, draft.Refresh) = Provider.Issue(account);
        },
        subject);

    protected async Task<IReadOnlyList<Grant>> GrantsAsync(int count) =>
        [.. await Task.WhenAll(Enumerable.Range(0, count).Select(n => GrantAsync($"a{n}@example.com")))];

    /// <summary>What a call would send; null where it would be refused.</summary>
    protected async Task<string?> TokenAsync(Grant grant, Vault? vault = null)
    {
        vault ??= Vault;
        var row = await vault.ReadAsync(grant);
        return (await vault.AccessTokens.GetAsync(row, vault.App.Providers["erp"], Cancellation)).Succeeded(out var usable, out _) ? usable.Token.Reveal() : null;
    }

    protected async Task<TableEntity> RowAsync(Grant grant) => await Rows.GetEntityAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: Cancellation);

    protected async Task EditAsync(Grant grant, Action<TableEntity> edit)
    {
        var row = await RowAsync(grant);
        edit(row);
        await Rows.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);
    }
}
