using System.Text.Json;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;
using Azure;
using Azure.Data.Tables;

namespace Alter.Connect;

/// <summary>Authorization flows in table <c>connect</c>, one row each, keyed by the SHA-256 of the state.</summary>
public sealed class AuthorizationFlowStore(AlterTables tables, KeyRing ring, TimeProvider time)
{
    private const string SecretsField = "secrets";
    private const string ConsumedColumn = "consumed_by";

    /// <summary>Stores a new flow.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task AddAsync(AuthorizationFlow flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var key = await ring.CurrentAsync(cancellationToken);
        await tables.EnsureAsync(cancellationToken);
        try
        {
            await tables.Connect.AddEntityAsync(ToRow(flow, key), cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 409)
        {
            // 256 random bits do not meet by chance: it is our own row, and the first answer got lost.
        }
    }

    /// <summary>The flow of a state, or <see cref="ConnectFlowInvalid"/>: unknown, expired, used and tampered with look the same from outside.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<Outcome<AuthorizationFlow>> FindAsync(ConnectKey? key, CancellationToken cancellationToken)
    {
        if (key is null)
        {
            return new ConnectFlowInvalid();
        }

        await tables.EnsureAsync(cancellationToken);
        var row = await tables.Connect.GetEntityIfExistsAsync<TableEntity>(key.Partition, key.Row, cancellationToken: cancellationToken);
        return row.HasValue
            && !row.Value!.ContainsKey(ConsumedColumn)
            && await ReadAsync(row.Value, cancellationToken) is { } flow
            && flow.ExpiresAt > time.GetUtcNow()
                ? flow
                : new ConnectFlowInvalid();
    }

    /// <summary>Takes the flow out of use. Of any number of concurrent callbacks exactly one succeeds.</summary>
    /// <remarks>One storage operation, one more on a conflict. Never a delete: racing deletes all report success.</remarks>
    public async Task<bool> TryConsumeAsync(AuthorizationFlow flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var operation = OperationId.New(); // Tells our own write, whose answer got lost, from another's.
        try
        {
            var consumed = new TableEntity(flow.Key.Partition, flow.Key.Row) { [ConsumedColumn] = operation };
            await tables.Connect.UpdateEntityAsync(consumed, flow.ETag, TableUpdateMode.Merge, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            var row = await tables.Connect.GetEntityIfExistsAsync<TableEntity>(flow.Key.Partition, flow.Key.Row, cancellationToken: cancellationToken);
            return row.HasValue && row.Value!.GetString(ConsumedColumn) == operation;
        }
    }

    private static TableEntity ToRow(AuthorizationFlow flow, KeyEncryptionKey key)
    {
        var row = new TableEntity(flow.Key.Partition, flow.Key.Row)
        {
            ["app"] = flow.App,
            ["provider"] = flow.Provider,
            ["session_pk"] = flow.Session.Partition,
            ["session_rk"] = flow.Session.Row,
            ["cookie"] = flow.CookieHash,
            ["mode"] = flow.Mode.ToString(),
            ["expires_at"] = flow.ExpiresAt,
            ["kek"] = key.Version,
            [SecretsField] = SealedFormat.Seal(
                key.Derive(KeyPurpose.Flow, flow.App),
                JsonSerializer.SerializeToUtf8Bytes(flow.Secrets),
                ConnectSeal.AssociatedData(flow.Key, flow.App, SecretsField)),
        };
        row["mac"] = MacOf(row, key);
        return row;
    }

    private Task<AuthorizationFlow?> ReadAsync(TableEntity row, CancellationToken cancellationToken) =>
        ConnectSeal.ReadAsync(ring, row, SecretsField, MacOf, secrets => new AuthorizationFlow
        {
            Key = new ConnectKey(row.PartitionKey, row.RowKey),
            ETag = row.ETag,
            App = row.GetString("app"),
            Provider = row.GetString("provider"),
            Session = new ConnectKey(row.GetString("session_pk"), row.GetString("session_rk")),
            CookieHash = row.GetString("cookie"),
            Mode = Enum.Parse<ConnectMode>(row.GetString("mode")),
            Secrets = JsonSerializer.Deserialize<FlowSecrets>(secrets)!,
            ExpiresAt = row.GetDateTimeOffset("expires_at") ?? default,
        }, cancellationToken);

    private static byte[] MacOf(TableEntity row, KeyEncryptionKey key) => ConnectSeal.Mac(
        key,
        row.GetString("app") ?? "",
        "flow",
        row.PartitionKey,
        row.RowKey,
        row.GetString("app") ?? "",
        row.GetString("provider") ?? "",
        row.GetString("session_pk") ?? "",
        row.GetString("session_rk") ?? "",
        row.GetString("cookie") ?? "",
        row.GetString("mode") ?? "",
        row.GetDateTimeOffset("expires_at") is { } at ? RowKeys.Ticks(at) : "",
        Convert.ToBase64String(row.GetBinary(SecretsField) ?? []));
}
