using Alter.Apps;
using Alter.Storage;
using Alter.Tokens;
using Azure;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>A grant as its operator sees it: what the row says, without anything sealed. No key is needed, and none proves it.</summary>
public sealed class StoredGrant
{
    internal StoredGrant(TableEntity row, DateTimeOffset? lastUsedAt)
    {
        var read = GrantRow.Read(row);
        HoldsRefreshToken = read.Secrets.RefreshToken is { Length: > 0 };
        IsTelling = read.RevocationToken is not null;
        WrittenAt = row.Timestamp ?? default;
        LastUsedAt = lastUsedAt;
        KeyVersion = read.Secrets.KeyVersion;
        IsTombstone = GrantRow.IsTombstone(row);
        IsWaiting = GrantRow.IsPending(row.RowKey);
        Grant = read with { ETag = default, Secrets = new SealedSecrets(KeyVersion, [], null, null, []), RevocationToken = null, Mac = [] };
    }

    /// <summary>The row without its sealed columns. It has no version, so that it cannot be written back.</summary>
    public Grant Grant { get; }

    /// <summary>When it was last used; null: never, or not noted.</summary>
    public DateTimeOffset? LastUsedAt { get; }

    /// <summary>When the row was last written: storage's word.</summary>
    public DateTimeOffset WrittenAt { get; }

    /// <summary>The version of the key-encryption key it is sealed under.</summary>
    public string KeyVersion { get; }

    /// <summary>A sealed refresh token is still in the row.</summary>
    public bool HoldsRefreshToken { get; }

    /// <summary>Its provider is still to be told of its end.</summary>
    public bool IsTelling { get; }

    /// <summary>What is left of a revoked grant whose place a new one took.</summary>
    public bool IsTombstone { get; }

    /// <summary>It waits, or waited, for the app's backend.</summary>
    public bool IsWaiting { get; }

    /// <summary>When it came to where it stands, as far as the row tells.</summary>
    public DateTimeOffset ChangedAt => Grant.RefusedAt ?? (Grant.Status is GrantStatus.Revoked ? Grant.RevokedAt : null) ?? WrittenAt;

    /// <summary>The row lies where the vault puts it; of any other every call is refused. That it is authentic, only the key can tell.</summary>
    public bool LiesInItsPlace => IsTombstone
        ? Grant.Place.UserHash.Length > GrantId.OwnerDigits
            && Grant.Key == new GrantKey(new GrantOwner(Grant.Place.App, Grant.Place.UserHash).Partition, GrantRow.TombstoneKey(Grant.Id))
        : IsWaiting
            ? Grant.Place.UserHash.Length > GrantId.OwnerDigits && Grant.Key.Partition == new GrantOwner(Grant.Place.App, Grant.Place.UserHash).Partition
            : Grant.LiesInItsPlace() && GrantId.PartitionOf(Grant.Place.App, Grant.Id) == Grant.Key.Partition;

    /// <summary>Its health at an instant, under a document.</summary>
    public GrantHealth HealthAt(DateTimeOffset now, VaultConfiguration? vault) => GrantHealth.Of(Grant, now, GrantHealth.IsOrphan(Grant, vault));

    /// <summary>Whether asking for one more refresh can help: the last one failed, or the provider refused a token that is still held.</summary>
    public bool IsWorthRetrying(DateTimeOffset now, VaultConfiguration? vault) =>
        LiesInItsPlace
        && !IsTombstone
        && !IsWaiting
        && HoldsRefreshToken
        && !GrantHealth.IsOrphan(Grant, vault)
        && (HealthAt(now, vault).State is GrantHealthState.Retrying
            || (Grant.Status is GrantStatus.CredentialRevoked && !(Grant.ExpiresAt <= now)));

    /// <summary>Asks the vault's workers to try once more; like every message it carries no authority.</summary>
    public GrantMessage ToRetryMessage() => new(GrantMessage.Version, GrantMessage.RetryKind, Grant.Key.Partition, Grant.Key.Row, Grant.Id, 0);
}
