using System.Text.Encodings.Web;
using System.Text.Json;
using Alter.Tokens;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>A grant as columns of table <c>grants</c>.</summary>
internal static class GrantRow
{
    internal const string OperationColumn = "op";
    internal const string UserHashColumn = "uh";
    internal const string GrantIdColumn = "gid";

    // Scopes hold neither quote nor backslash, so nothing grows sixfold past the column's limit.
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string TombstonePrefix = "~g|";

    internal static string RowKey(string provider, string accountKey) => $"{provider}|{accountKey}";

    internal static string TombstoneKey(Guid id) => $"{TombstonePrefix}{id:D}";

    internal static bool IsTombstone(TableEntity row) => row.RowKey.StartsWith(TombstonePrefix, StringComparison.Ordinal);

    internal static bool IsGrant(TableEntity row) => row.RowKey[0] != '~' || IsTombstone(row);

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

    internal static Grant Read(TableEntity row)
    {
        return new Grant
        {
            Key = new GrantKey(row.PartitionKey, row.RowKey),
            ETag = row.ETag,
            Place = new SealedPlace(
                Text("app"),
                Text(UserHashColumn),
                Guid.ParseExact(Text(GrantIdColumn), "D"),
                Text("provider"),
                Text("acct"),
                Text("params")),
            // An unreadable status must not pass for an active one.
            Status = GrantStatusNames.TryParse(row.GetString("status"), out var status) ? status : GrantStatus.CredentialRevoked,
            Cause = row.GetString("cause"),
            Generation = row.GetInt32("gen") ?? 0,
            Secrets = new SealedSecrets(Text("kek"), row.GetBinary("dek") ?? [], row.GetBinary("at"), row.GetBinary("rt"), row.GetBinary("profile") ?? []),
            RevocationToken = row.GetBinary("rv") is { } rv ? new RevocationToken(rv, row.GetBoolean("rv_at") ?? false) : null,
            RevocationOutcome = row.GetString("rv_outcome"),
            AccessTokenExpiresAt = row.GetDateTimeOffset("at_exp"),
            AccessTokenLifetime = row.GetDouble("at_life") is { } life ? TimeSpan.FromSeconds(life) : null,
            Scopes = JsonSerializer.Deserialize<string[]>(row.GetString("scopes") ?? "[]")!,
            CreatedAt = row.GetDateTimeOffset("created_at") ?? default,
            ExpiresAt = row.GetDateTimeOffset("expires_at"),
            MaxExpiresAt = row.GetDateTimeOffset("max_expires_at"),
            RevokedAt = row.GetDateTimeOffset("revoked_at"),
            DueAt = row.GetDateTimeOffset("due"),
            NextAttemptAt = row.GetDateTimeOffset("next_attempt"),
            Fails = row.GetInt32("fails") ?? 0,
            LastError = row.GetString("last_error"),
            ClientAccountKey = Text("cak"),
            Lease = row.GetString("lease_op") is { } op
                ? new RefreshLease(op, row.GetDateTimeOffset("lease_until") ?? default, row.GetInt32("lease_gen") ?? 0)
                : null,
            Mac = row.GetBinary("mac") ?? [],
        };

        string Text(string column) => row.GetString(column) ?? "";
    }
}
