using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Providers;
using Alter.Testing;
using Alter.Tests.Cli;
using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Backups;

/// <summary>A vault in storage of its own, which is lost in the course of a test, and its operator's machine, which has no key.</summary>
public abstract class BackupFixture(OwnAzurite azurite) : IClassFixture<OwnAzurite>, IAsyncLifetime
{
    private readonly string app = A.AppId();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 2, 0, 0, TimeSpan.Zero));

    protected FakeKeySource Keys { get; } = new(A.Key());

    protected FakeProvider Provider { get; private set; } = null!;

    protected Vault Vault { get; private set; } = null!;

    private protected CommandLine Machine { get; } = new();

    protected string Storage { get; } = azurite.ConnectionString;

    protected AppProvider Erp => Vault.App.Providers["erp"];

    protected string Backup => Machine.PathOf("vault.alterbackup");

    protected virtual RevocationKind Revocation => RevocationKind.Token;

    public async ValueTask InitializeAsync()
    {
        await LoseAsync();
        Machine.Environment["AlterStorage"] = Storage;
        Machine.Time = Time;
        Provider = await FakeProvider.StartAsync();
        await RestartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Machine.Dispose();
        Vault.Dispose();
        await Provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A new instance, which has seen nothing; its tables and salt are there.</summary>
    protected async Task RestartAsync()
    {
        Vault?.Dispose();
        Vault = Instance();
        await Vault.OwnerAsync();
    }

    protected Vault Instance() => new(new VaultSetup(Storage, A.App(app, A.Provider(Provider, change: definition => definition with { Revocation = Revocation }))) { Time = Time, Keys = Keys });

    /// <summary>Tables are gone, as if somebody had deleted them: all, where none is named.</summary>
    protected async Task LoseAsync(params string[] tables)
    {
        var service = new TableServiceClient(Storage);
        await foreach (var table in service.QueryAsync(cancellationToken: Cancellation))
        {
            if (tables.Length == 0 || tables.Contains(table.Name))
            {
                await service.DeleteTableAsync(table.Name, Cancellation);
            }
        }
    }

    /// <summary>What a restore writes anew; the marks of what was revoked are still there.</summary>
    protected Task LoseGrantsAsync() => LoseAsync("grants", "due", "accounts");

    protected Task<Grant> GrantAsync(string account, string subject = "ada", Func<Grant, Grant>? change = null) => Vault.GrantAsync(
        draft =>
        {
            draft.Account = account;
            draft.Change = change ?? draft.Change;
            (draft.Access, draft.Refresh) = Provider.Issue(account);
        },
        subject);

    protected async Task<string> BackUpAsync(string? to = null)
    {
        var (exit, output) = await Machine.RunAsync(["backup", "--to", to ?? Backup]);
        Assert.True(exit == 0, output);
        return output;
    }

    protected async Task<string> RestoreAsync(params string[] further)
    {
        var (exit, output) = await Machine.RunAsync(["restore", "--from", Backup, .. further.Length > 0 ? further : ["--yes"]]);
        Assert.True(exit == 0, output);
        return output;
    }

    /// <summary>A call's end on an instance: "generation 2", or the code and cause it is refused with.</summary>
    protected async Task<string> UseAsync(Grant grant, string subject = "ada", Vault? instance = null)
    {
        var vault = instance ?? Vault;
        if (await vault.Store.FindAsync(await vault.OwnerAsync(subject), grant.Id, Cancellation) is not { } found)
        {
            return "grant_not_found";
        }

        if (found.RefusalAt(Time.GetUtcNow()) is { } over)
        {
            return Said(over);
        }

        return (await vault.AccessTokens.GetAsync(found, Erp, Cancellation)).Succeeded(out var usable, out var refusal) && Provider.Accepts(usable.Token.Reveal())
            ? $"generation {usable.Grant.Generation}"
            : refusal is null ? "refused by the provider" : Said(refusal);
    }

    protected async Task<TableEntity?> RowAsync(Grant grant)
    {
        var row = await Table("grants").GetEntityIfExistsAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: Cancellation);
        return row.HasValue ? row.Value : null;
    }

    protected TableClient Table(string name) => new(Storage, name);

    protected async Task<IReadOnlyList<TableEntity>> RowsAsync(string table) => await Table(table).QueryAsync<TableEntity>(cancellationToken: Cancellation).ToListAsync(Cancellation);

    protected async Task EmptyAsync(string table)
    {
        foreach (var row in await RowsAsync(table))
        {
            await Table(table).DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, Cancellation);
        }
    }

    private static string Said(Refusal refusal) => refusal is CredentialRevoked { Cause: { } cause } ? $"{refusal.Code} {cause}" : refusal.Code;
}
