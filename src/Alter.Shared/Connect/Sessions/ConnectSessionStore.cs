using System.Text.Json;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;
using Azure;
using Azure.Data.Tables;

namespace Alter.Connect;

/// <summary>Connect sessions in table <c>connect</c>, keyed by the hash of their token.</summary>
public sealed class ConnectSessionStore(AlterTables tables, KeyRing ring, TimeProvider time)
{
    private const string DetailsField = "details";

    /// <summary>Stores a new session.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task AddAsync(ConnectSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var key = await ring.CurrentAsync(cancellationToken);
        await tables.EnsureAsync(cancellationToken);
        var row = ToRow(session, key, OperationId.New());
        try
        {
            await tables.Connect.AddEntityAsync(row, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 409)
        {
            // 256 random bits do not meet by chance: it is our own row, and the first answer got lost.
        }
    }

    /// <summary>The session of a token, or <see cref="ConnectSessionExpired"/>: unknown, past its time and tampered with look the same from outside.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<Outcome<ConnectSession>> FindAsync(ConnectKey? key, CancellationToken cancellationToken)
    {
        if (key is null)
        {
            return new ConnectSessionExpired();
        }

        await tables.EnsureAsync(cancellationToken);
        var row = await tables.Connect.GetEntityIfExistsAsync<TableEntity>(key.Partition, key.Row, cancellationToken: cancellationToken);
        return row.HasValue && await ReadAsync(row.Value!, cancellationToken) is { } session && session.ExpiresAt > time.GetUtcNow()
            ? session
            : new ConnectSessionExpired();
    }

    /// <summary>Writes the session if nobody else did since it was read; null where another write came first.</summary>
    /// <remarks>One storage operation; one more on a conflict.</remarks>
    public async Task<ConnectSession?> TryReplaceAsync(ConnectSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var operation = OperationId.New();
        var key = await ring.CurrentAsync(cancellationToken);
        try
        {
            var response = await tables.Connect.UpdateEntityAsync(ToRow(session, key, operation), session.ETag, TableUpdateMode.Replace, cancellationToken);
            return session with { ETag = response.Headers.ETag!.Value };
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            var row = await tables.Connect.GetEntityIfExistsAsync<TableEntity>(session.Key.Partition, session.Key.Row, cancellationToken: cancellationToken);
            return row.HasValue && row.Value!.GetString("op") == operation ? await ReadAsync(row.Value, cancellationToken) : null;
        }
    }

    private static TableEntity ToRow(ConnectSession session, KeyEncryptionKey key, string operation)
    {
        var row = new TableEntity(session.Key.Partition, session.Key.Row)
        {
            ["op"] = operation,
            ["app"] = session.App,
            ["uh"] = session.UserHash,
            ["providers"] = JsonSerializer.Serialize(session.AllowedProviders),
            ["required_scopes"] = JsonSerializer.Serialize(session.RequiredScopes),
            ["expires_at"] = session.ExpiresAt,
            ["claims"] = JsonSerializer.Serialize(session.Claims),
            ["kek"] = key.Version,
            [DetailsField] = SealedFormat.Seal(
                key.Derive(KeyPurpose.Flow, session.App),
                JsonSerializer.SerializeToUtf8Bytes(session.Details),
                ConnectSeal.AssociatedData(session.Key, session.App, DetailsField)),
        };
        Set("origin", session.AllowedOrigin);
        Set("return_url", session.ReturnUrl);
        Set("grant_expires_at", session.GrantExpiresAt);
        Set("grant_max_expires_at", session.GrantMaxExpiresAt);
        Set("closed_at", session.ClosedAt);
        Set("last_return", session.LastReturn is { } back ? JsonSerializer.Serialize(back) : null);
        row["mac"] = MacOf(row, key);
        return row;

        void Set(string column, object? value)
        {
            if (value is not null)
            {
                row[column] = value;
            }
        }
    }

    private Task<ConnectSession?> ReadAsync(TableEntity row, CancellationToken cancellationToken) =>
        ConnectSeal.ReadAsync(ring, row, DetailsField, MacOf, details => new ConnectSession
        {
            Key = new ConnectKey(row.PartitionKey, row.RowKey),
            ETag = row.ETag,
            App = row.GetString("app"),
            UserHash = row.GetString("uh"),
            Details = JsonSerializer.Deserialize<ConnectSessionDetails>(details)!,
            AllowedProviders = JsonSerializer.Deserialize<string[]>(row.GetString("providers"))!,
            AllowedOrigin = row.GetString("origin"),
            ReturnUrl = row.GetString("return_url"),
            RequiredScopes = JsonSerializer.Deserialize<Dictionary<string, IReadOnlyList<string>>>(row.GetString("required_scopes"))!,
            GrantExpiresAt = row.GetDateTimeOffset("grant_expires_at"),
            GrantMaxExpiresAt = row.GetDateTimeOffset("grant_max_expires_at"),
            ExpiresAt = row.GetDateTimeOffset("expires_at") ?? default,
            Claims = JsonSerializer.Deserialize<Dictionary<string, ConnectClaim>>(row.GetString("claims"))!,
            ClosedAt = row.GetDateTimeOffset("closed_at"),
            LastReturn = row.GetString("last_return") is { } back ? JsonSerializer.Deserialize<ConnectReturn>(back) : null,
        }, cancellationToken);

    private static byte[] MacOf(TableEntity row, KeyEncryptionKey key) => ConnectSeal.Mac(
        key,
        row.GetString("app") ?? "",
        "session",
        row.PartitionKey,
        row.RowKey,
        row.GetString("app") ?? "",
        row.GetString("uh") ?? "",
        row.GetString("providers") ?? "",
        row.GetString("required_scopes") ?? "",
        row.GetString("origin") ?? "",
        row.GetString("return_url") ?? "",
        Ticks(row, "grant_expires_at"),
        Ticks(row, "grant_max_expires_at"),
        Ticks(row, "expires_at"),
        Ticks(row, "closed_at"),
        row.GetString("claims") ?? "",
        row.GetString("last_return") ?? "",
        Convert.ToBase64String(row.GetBinary(DetailsField) ?? []));

    private static string Ticks(TableEntity row, string column) => row.GetDateTimeOffset(column) is { } at ? RowKeys.Ticks(at) : "";
}
