using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using Alter.Storage.Wire;
using Alter.Tokens;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>A grant as columns of table <c>grants</c>.</summary>
internal static class GrantRow
{
    internal const string OperationColumn = "op";
    internal const string UserHashColumn = "uh";
    internal const string GrantIdColumn = "gid";
    internal const string RestoredColumn = "restored_from";

    // Scopes hold neither quote nor backslash, so nothing grows sixfold past the column's limit.
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int MostKept = 1_000;
    private const int LongestKept = 4 * 1024;
    private static readonly ConcurrentDictionary<string, IReadOnlyList<string>> Known = new(StringComparer.Ordinal);

    private const string TombstonePrefix = "~g|";
    private const string PendingPrefix = "~p|";

    internal static string RowKey(string provider, string accountKey) => $"{provider}|{accountKey}";

    internal static bool IsKeyOf(string rowKey, string provider, string accountKey) =>
        rowKey.Length == provider.Length + 1 + accountKey.Length
        && rowKey[provider.Length] is '|'
        && rowKey.StartsWith(provider, StringComparison.Ordinal)
        && rowKey.EndsWith(accountKey, StringComparison.Ordinal);

    internal static string TombstoneKey(Guid id) => $"{TombstonePrefix}{id:D}";

    internal static bool IsTombstone(TableEntity row) => IsTombstone(row.RowKey);

    internal static bool IsTombstone(string rowKey) => rowKey.StartsWith(TombstonePrefix, StringComparison.Ordinal);

    /// <summary>Where what a session brought waits to be completed.</summary>
    internal static string PendingKey(string sessionHash, string provider) => $"{PendingPrefix}{sessionHash}|{provider}";

    /// <summary>The session a pending row belongs to.</summary>
    internal static string SessionOf(string pendingKey) => pendingKey.Split('|') is ["~p", var session, _] ? session : "";

    internal static bool IsPending(string rowKey) => rowKey.StartsWith(PendingPrefix, StringComparison.Ordinal);

    internal static bool IsGrant(TableEntity row) => IsGrant(row.RowKey);

    internal static bool IsGrant(string rowKey) => rowKey is not ['~' or '!', ..] || IsTombstone(rowKey) || IsPending(rowKey);

    internal static TableEntity From(Grant grant, string operation)
    {
        var row = new TableEntity(grant.Key.Partition, grant.Key.Row)
        {
            [OperationColumn] = operation,
            [GrantIdColumn] = grant.Id.ToString("D"),
            [UserHashColumn] = grant.Place.UserHash,
            ["app"] = grant.Place.App,
            ["provider"] = grant.Place.Provider,
            ["acct"] = grant.Place.AccountKey,
            ["params"] = grant.Place.EndpointParameters,
            ["status"] = grant.Status.ToWire(),
            ["gen"] = grant.Generation,
            ["kek"] = grant.Secrets.KeyVersion,
            ["dek"] = grant.Secrets.DataKey,
            ["profile"] = grant.Secrets.Profile,
            ["scopes"] = JsonSerializer.Serialize(grant.Scopes, Compact),
            ["created_at"] = grant.CreatedAt,
            ["cak"] = grant.ClientAccountKey,
            ["fails"] = grant.Fails,
            ["mac"] = grant.Mac,
        };
        Set("cause", grant.Cause);
        Set("browser", grant.Browser);
        Set("completed_as", grant.CompletedAs?.ToString("D"));
        Set("at", grant.Secrets.AccessToken);
        Set("rt", grant.Secrets.RefreshToken);
        Set("at_exp", grant.AccessTokenExpiresAt);
        Set("at_life", grant.AccessTokenLifetime?.TotalSeconds);
        Set("expires_at", grant.ExpiresAt);
        Set("max_expires_at", grant.MaxExpiresAt);
        Set("revoked_at", grant.RevokedAt);
        Set("due", grant.DueAt);
        Set("next_attempt", grant.NextAttemptAt);
        Set("last_error", grant.LastError);
        Set("forced_at", grant.ForcedAt);
        Set("refused_at", grant.RefusedAt);
        Set("retried_at", grant.RetriedAt);
        Set(RestoredColumn, grant.RestoredFrom);
        Set("erased", grant.IsErased ? true : null);
        Set("rv_outcome", grant.RevocationOutcome);
        Set("rv", grant.RevocationToken?.Sealed);
        Set("rv_at", grant.RevocationToken?.IsAccessToken);
        Set("lease_op", grant.Lease?.Operation);
        Set("lease_until", grant.Lease?.Until);
        Set("lease_gen", grant.Lease?.Generation);
        return row;

        // A Replace drops what is not set, so an absent value needs no column.
        void Set(string column, object? value)
        {
            if (value is not null)
            {
                row[column] = value;
            }
        }
    }

    /// <summary>The columns a re-wrap changes, to be merged: what a later version wrote beside them stays.</summary>
    internal static TableEntity OfRewrap(Grant grant, string operation) => new(grant.Key.Partition, grant.Key.Row)
    {
        [OperationColumn] = operation,
        ["kek"] = grant.Secrets.KeyVersion,
        ["dek"] = grant.Secrets.DataKey,
        ["mac"] = grant.Mac,
    };

    internal static string? UserHashOf(TableEntity row) => Value(row, UserHashColumn) as string;

    internal static string? UserHashOf(TableRow row) => row[UserHashColumn] as string;

    /// <inheritdoc cref="Read(TableRow)"/>
    internal static Grant Read(TableEntity row) => Read(TableRow.Of(row));

    /// <summary>Never fails: a column of another type or form reads as missing, and the row's MAC tells.</summary>
    internal static Grant Read(TableRow row)
    {
        // An unreadable status must not pass for an active one.
        var status = GrantStatusNames.TryParse(Text("status"), out var known) ? known : GrantStatus.CredentialRevoked;
        var (generation, revocationOutcome) = (Number("gen") ?? 0, Text("rv_outcome"));
        return new Grant
        {
            Key = new GrantKey(row.PartitionKey, row.RowKey),
            ETag = row.ETag,
            Place = new SealedPlace(
                Text("app") ?? "",
                Text(UserHashColumn) ?? "",
                Guid.TryParseExact(Text(GrantIdColumn), "D", out var id) ? id : Guid.Empty,
                Text("provider") ?? "",
                Text("acct") ?? "",
                Text("params") ?? ""),
            Read = new GrantStanding(status, generation, revocationOutcome),
            Status = status,
            Cause = Text("cause"),
            Browser = Text("browser"),
            CompletedAs = Guid.TryParseExact(Text("completed_as"), "D", out var completed) ? completed : null,
            Generation = generation,
            Secrets = new SealedSecrets(Text("kek") ?? "", Bytes("dek") ?? [], Bytes("at"), Bytes("rt"), Bytes("profile") ?? []),
            RevocationToken = Bytes("rv") is { } rv ? new RevocationToken(rv, row["rv_at"] is true) : null,
            RevocationOutcome = revocationOutcome,
            IsErased = row["erased"] is true,
            AccessTokenExpiresAt = Instant("at_exp"),
            AccessTokenLifetime = row["at_life"] is double life and > 0 and < 1e9 ? TimeSpan.FromSeconds(life) : null,
            Scopes = ScopesOf(Text("scopes")),
            CreatedAt = Instant("created_at") ?? default,
            ExpiresAt = Instant("expires_at"),
            MaxExpiresAt = Instant("max_expires_at"),
            RevokedAt = Instant("revoked_at"),
            DueAt = Instant("due"),
            NextAttemptAt = Instant("next_attempt"),
            Fails = Number("fails") ?? 0,
            LastError = Text("last_error"),
            ForcedAt = Instant("forced_at"),
            RefusedAt = Instant("refused_at"),
            RetriedAt = Instant("retried_at"),
            RestoredFrom = Instant(RestoredColumn),
            ClientAccountKey = Text("cak") ?? "",
            Lease = Text("lease_op") is { } op ? new RefreshLease(op, Instant("lease_until") ?? default, Number("lease_gen") ?? 0) : null,
            Mac = Bytes("mac") ?? [],
        };

        string? Text(string column) => row[column] as string;
        int? Number(string column) => row[column] as int?;
        DateTimeOffset? Instant(string column) => row[column] as DateTimeOffset?;
        byte[]? Bytes(string column) => row[column] as byte[];
    }

    internal static object? Value(TableEntity row, string column) => row.TryGetValue(column, out var value) ? value : null;

    // Most grants of an app have the same: read once.
    private static IReadOnlyList<string> ScopesOf(string? json)
    {
        if (json is null || json.Length > LongestKept)
        {
            return json is null ? [] : ParseScopes(json);
        }

        if (Known.TryGetValue(json, out var known))
        {
            return known;
        }

        if (Known.Count >= MostKept)
        {
            Known.Clear();
        }

        return Known[json] = ParseScopes(json);
    }

    private static string[] ParseScopes(string json)
    {
        try
        {
            return [.. JsonSerializer.Deserialize<string?[]>(json)?.OfType<string>() ?? []];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
