using Alter.Grants;
using Alter.Storage;
using Alter.Testing;
using Alter.Tests.Apps;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Queues;

namespace Alter.Tests.Cli;

/// <summary>An operator's machine whose settings name a storage account with grants in it; no key of the vault is within its reach.</summary>
public abstract class GrantCommandFixture(OwnAzurite azurite) : IClassFixture<OwnAzurite>, IAsyncLifetime
{
    private readonly CommandLine machine = new();
    private FakeProvider provider = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private protected CommandLine Machine => machine;

    protected string App { get; } = A.AppId();

    protected Vault Vault { get; private set; } = null!;

    protected TableClient Rows { get; } = azurite.Table("grants");

    protected QueueClient Queue { get; } = new(azurite.ConnectionString, AlterQueues.Refresh);

    public async ValueTask InitializeAsync()
    {
        provider = await FakeProvider.StartAsync();
        Vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(App, A.Provider(provider, "google"), A.Provider(provider, "github"), A.Provider(provider, "slack"))));
        await Vault.Tables.EnsureAsync(Cancellation);
        await Queue.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        await Queue.ClearMessagesAsync(Cancellation);
        await foreach (var row in Rows.QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            await Rows.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, Cancellation);
        }

        machine.Environment["AlterStorage"] = azurite.ConnectionString;
        machine.Has("alter.json", Document);
    }

    public async ValueTask DisposeAsync()
    {
        machine.Dispose();
        Vault.Dispose();
        await provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    // Slack has left it.
    private string Document => $$"""
        {
          "identity_providers": { "main": { "issuer": "https://idp.acme.com", "audiences": ["https://api.acme.com"] } },
          "apps": {
            "{{App}}": {
              "name": "Acme Shop", "keys": [{ "id": "k1", "sha256": "{{Documents.DigestOne}}" }], "identity_providers": ["main"],
              "providers": {
                "google": { "client_id": "1.apps.googleusercontent.com", "client_secret": { "secret": "shop-google" } },
                "github": { "client_id": "Iv1.0a", "client_secret": { "secret": "shop-github" } } } } }
        }
        """;

    /// <summary>A stored grant of an account nobody else has.</summary>
    protected Task<Grant> GrantAsync(string name = "google", Func<Grant, Grant>? change = null, string subject = "ada", string? refresh = "refresh") => Vault.GrantAsync(
        draft => (draft.Provider, draft.Account, draft.Refresh, draft.Change) = (name, $"{A.Unique()}@example.com", refresh, change ?? (grant => grant)),
        subject);

    protected async Task EditAsync(Grant grant, string column, object? value)
    {
        var row = (await Rows.GetEntityAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: Cancellation)).Value;
        row[column] = value;
        await Rows.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);
    }

    protected static Grant Failing(Grant grant) => grant with { Fails = 2, LastError = "provider_timeout", NextAttemptAt = Now.AddMinutes(5), DueAt = Now.AddMinutes(5) };

    /// <summary>As a refused refresh leaves it: its token still sealed in the row.</summary>
    protected static Grant Refused(Grant grant) => grant with { Status = GrantStatus.CredentialRevoked, Cause = "invalid_grant", AccessTokenExpiresAt = null };

    protected async Task<string> RunAsync(params string[] arguments)
    {
        var (exit, output) = await machine.RunAsync(["grants", .. arguments]);
        Assert.True(exit == 0, output);
        return output;
    }

    /// <summary>What was sent to the vault's workers.</summary>
    protected async Task<IReadOnlyList<GrantMessage>> SentAsync()
    {
        var messages = new List<GrantMessage>();
        while (await Queue.ReceiveMessagesAsync(32, TimeSpan.FromMinutes(5), Cancellation) is { Value: { Length: > 0 } received })
        {
            messages.AddRange(received.Select(message => GrantMessage.Parse(message.MessageText)!));
        }

        return messages;
    }
}
