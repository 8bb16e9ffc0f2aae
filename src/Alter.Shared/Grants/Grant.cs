using System.Runtime.CompilerServices;
using System.Text.Json;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;
using Azure;

namespace Alter.Grants;

/// <summary>Where a grant's row lies.</summary>
public sealed record GrantKey(string Partition, string Row);

/// <summary>"The token of generation <paramref name="Generation"/> may have been presented": held by whoever refreshes.</summary>
/// <param name="Operation">The holder's operation id.</param>
/// <param name="Until">When it lapses; longer than the token endpoint's whole time budget.</param>
/// <param name="Generation">The generation it was taken for.</param>
public sealed record RefreshLease(string Operation, DateTimeOffset Until, int Generation);

/// <summary>The sealed token that is kept after a revocation only until the provider was told.</summary>
/// <param name="Sealed">As it lay in the grant.</param>
/// <param name="IsAccessToken">False: a refresh token.</param>
public sealed record RevocationToken(byte[] Sealed, bool IsAccessToken);

/// <summary>How telling the provider of a grant's end came out.</summary>
public static class RevocationOutcomes
{
    public const string Confirmed = "confirmed";
    public const string NotOffered = "not_offered";

    /// <summary>Telling would have ended other grants of the same account.</summary>
    public const string SharedAccount = "shared_account";

    /// <summary>Not told within 24 hours.</summary>
    public const string GaveUp = "gave_up";

    /// <summary>The app or provider left the document, or the key is gone: there was nothing to tell with.</summary>
    public const string NotPossible = "not_possible";
}

/// <summary>Why a grant is <see cref="GrantStatus.CredentialRevoked"/>.</summary>
public static class CredentialCauses
{
    /// <summary>The provider refused the refresh token.</summary>
    public const string InvalidGrant = "invalid_grant";

    /// <summary>The provider refused it after a refresh that was cut off: its successor may have been lost with it.</summary>
    public const string RefreshInterrupted = "refresh_interrupted";

    /// <summary>The access token is over and there is nothing to renew it with.</summary>
    public const string NoRefreshToken = "no_refresh_token";

    /// <summary>The provider refused the refresh token of a row that was put back from a backup: its successor was lost with the storage.</summary>
    public const string RestoredFromBackup = "restored_from_backup";
}

/// <summary>One user's permission to call one provider account, with its sealed tokens: one row of table <c>grants</c>, as read.</summary>
public sealed record Grant
{
    /// <summary>How long a grant waits to be completed.</summary>
    public static readonly TimeSpan PendingLifetime = TimeSpan.FromMinutes(10);

    /// <summary>How long a refresh token that its provider refused stays sealed in the row: providers are wrong at times.</summary>
    public static readonly TimeSpan RefusedLifetime = TimeSpan.FromDays(7);

    /// <summary>How long the message of a grant's end has to reach the provider before its due row stands in: else both would tell it at the turn of a minute.</summary>
    public static readonly TimeSpan MessageMayTake = TimeSpan.FromMinutes(1);

    public required GrantKey Key { get; init; }

    /// <summary>The version read; writes are conditional on it.</summary>
    public ETag ETag { get; init; }

    /// <summary>App, owner, id, provider and account: what everything sealed in the row is bound to.</summary>
    public required SealedPlace Place { get; init; }

    public Guid Id => Place.GrantId;

    public required GrantStatus Status { get; init; }

    /// <summary>Why it is no longer active, where there is more to say than the status.</summary>
    public string? Cause { get; init; }

    /// <summary>Counts the token sets; every new one has the next.</summary>
    public required int Generation { get; init; }

    public required SealedSecrets Secrets { get; init; }

    /// <summary>Set from the end of the grant until the provider was told.</summary>
    public RevocationToken? RevocationToken { get; init; }

    /// <summary>What the provider said to the end of the grant; see <see cref="RevocationOutcomes"/>.</summary>
    public string? RevocationOutcome { get; init; }

    /// <summary>Its user was erased: it is there for nobody, only until the provider was told, and then goes.</summary>
    public bool IsErased { get; init; }

    /// <summary>Null: the provider never said.</summary>
    public DateTimeOffset? AccessTokenExpiresAt { get; init; }

    /// <summary>The life of the last access token: what the next one is predicted to have.</summary>
    public TimeSpan? AccessTokenLifetime { get; init; }

    /// <summary>What the provider granted.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>End of the grant's own life; null: until revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The furthest <see cref="ExpiresAt"/> may ever be moved; null: no limit.</summary>
    public DateTimeOffset? MaxExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The instant of the one due row that counts; other due rows of this grant are stale.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public RefreshLease? Lease { get; init; }

    /// <summary>No refresh before this instant.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When a token that still seemed good was last refreshed because the provider refused it.</summary>
    public DateTimeOffset? ForcedAt { get; init; }

    /// <summary>When an operator last had it tried again.</summary>
    public DateTimeOffset? RetriedAt { get; init; }

    /// <summary>Failed attempts in a row.</summary>
    public int Fails { get; init; }

    /// <summary>The code of the last failed attempt.</summary>
    public string? LastError { get; init; }

    /// <summary>When the provider first refused the refresh token that is still held.</summary>
    public DateTimeOffset? RefusedAt { get; init; }

    /// <summary>
    /// Put back from a backup taken then, and not yet refreshed since: its refresh token may have been spent meanwhile, so it is renewed before it is next
    /// used. Null: it is as its last writer left it.
    /// </summary>
    public DateTimeOffset? RestoredFrom { get; init; }

    /// <summary>The key of (client, account) in table <c>accounts</c>.</summary>
    public required string ClientAccountKey { get; init; }

    /// <summary>
    /// Set while the grant waits for the app's backend to confirm whose browser brought it: SHA-256 of that browser's flow cookie. Such a grant lies in a
    /// row of its own and takes no other's place before it is completed.
    /// </summary>
    public string? Browser { get; init; }

    /// <summary>The grant that a waiting one became; its own row then only says so.</summary>
    public Guid? CompletedAs { get; init; }

    public byte[] Mac { get; init; } = [];

    /// <summary>How the row stood when it was read; null: it was not read, but made.</summary>
    internal GrantStanding? Read { get; init; }

    /// <summary>How it stands.</summary>
    internal GrantStanding Standing => new(Status, Generation, RevocationOutcome);

    /// <summary>The status in force at an instant: a lifetime that has passed counts at once, whether or not the row says so yet.</summary>
    public GrantStatus StatusAt(DateTimeOffset instant) =>
        (Status is GrantStatus.Active or GrantStatus.Pending && ExpiresAt <= instant) || (Status is GrantStatus.Pending && CreatedAt <= instant - PendingLifetime)
            ? GrantStatus.Expired
            : Status;

    /// <summary>Which of these scopes were not granted. A refresh token says nothing to an API, so <c>offline_access</c> is never missing.</summary>
    public IReadOnlyList<string> MissingScopes(IReadOnlyList<string> scopes)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        List<string>? missing = null;
        foreach (var scope in scopes)
        {
            if (scope is not "offline_access" && !Scopes.Contains(scope) && missing?.Contains(scope) is not true)
            {
                (missing ??= []).Add(scope);
            }
        }

        return missing is null ? [] : missing; // Not "??", which would make a list each time.
    }

    /// <summary>Why the grant releases nothing at an instant; null where it does.</summary>
    public Refusal? RefusalAt(DateTimeOffset instant) => StatusAt(instant) switch
    {
        GrantStatus.Active => null,
        GrantStatus.Expired => new GrantExpired(Id, Place.Provider, Cause),
        GrantStatus.Revoked => new GrantRevoked(Id, Place.Provider, Cause),
        GrantStatus.CredentialRevoked => new CredentialRevoked(Id, Place.Provider, Cause),
        // A pending grant does not exist yet for anyone but Connect.
        _ => new GrantNotFound(Place.Provider),
    };

    /// <summary>
    /// The grant ended: its tokens are out of reach at once; one of them stays, still sealed, only until the provider is told. The status is believed
    /// without a row MAC, so ending a grant never needs a key.
    /// </summary>
    public Grant Ended(GrantStatus status, string? cause, DateTimeOffset at)
    {
        var last = Secrets.RefreshToken is { } refresh ? new RevocationToken(refresh, IsAccessToken: false)
            : Secrets.AccessToken is { } access ? new RevocationToken(access, IsAccessToken: true)
            : RevocationToken;
        return this with
        {
            Status = status,
            Cause = cause,
            Secrets = Secrets with { AccessToken = null, RefreshToken = null },
            RevocationToken = last,
            RevokedAt = status is GrantStatus.Revoked ? at : RevokedAt,
            ExpiresAt = Status is GrantStatus.Pending ? at : ExpiresAt,
            AccessTokenExpiresAt = null,
            Lease = null,
            NextAttemptAt = null,
            RefusedAt = null,
            RestoredFrom = null,
            DueAt = last is null ? null : at + MessageMayTake,
            Mac = [], // That of a refused grant would let the row be written back to where a retry opens it.
        };
    }

    /// <summary>
    /// The provider no longer honours the grant. It releases nothing; the refused token stays sealed for <see cref="RefusedLifetime"/>, and only a row
    /// that is then authenticated is ever tried again.
    /// </summary>
    public Grant Refused(string cause, DateTimeOffset at)
    {
        var refusedAt = Secrets.RefreshToken is null ? (DateTimeOffset?)null : RefusedAt ?? at;
        return this with
        {
            Status = GrantStatus.CredentialRevoked,
            Cause = cause,
            Secrets = Secrets with { AccessToken = null },
            AccessTokenExpiresAt = null,
            Lease = null,
            NextAttemptAt = null,
            RefusedAt = refusedAt,
            DueAt = refusedAt + RefusedLifetime,
        };
    }

    /// <summary>A refused grant that is never tried again: its token is gone.</summary>
    public Grant Forgotten() => this with { Secrets = Secrets with { RefreshToken = null }, RefusedAt = null, DueAt = null, Mac = [] };

    /// <summary>A refused grant that is tried once more: active, with an access token that is over. To be authenticated by its caller.</summary>
    public Grant Reopened(DateTimeOffset at) => this with
    {
        Status = GrantStatus.Active,
        Cause = null,
        AccessTokenExpiresAt = at,
        LastError = Cause,
        DueAt = at,
    };

    /// <summary>An ended grant of an erased user: of all it knew, only what telling the provider needs.</summary>
    internal Grant Erased() => this with
    {
        IsErased = true,
        Status = GrantStatus.Revoked, // A new grant of the account follows it and never renews it.
        Secrets = Secrets with { AccessToken = null, RefreshToken = null, Profile = [] },
        Scopes = [],
        Cause = null,
        Browser = null,
        CompletedAs = null,
        LastError = null,
        AccessTokenLifetime = null,
        ForcedAt = null,
        RefusedAt = null,
        RestoredFrom = null,
        Mac = [],
    };

    /// <summary>The row authenticated anew; whoever changes a covered column calls it last.</summary>
    public Grant Authenticated(KeyEncryptionKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return this with { Mac = ComputeMac(key) };
    }

    /// <summary>Whether the row lies where the vault put it and the covered columns are as it wrote them.</summary>
    public bool IsAuthentic(KeyEncryptionKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return LiesInItsPlace()
            && key.Version == Secrets.KeyVersion
            && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(Mac, ComputeMac(key));
    }

    /// <summary>
    /// The row under another version of the key-encryption key. What was authentic stays so, and nothing becomes so: an ended row, which is believed without
    /// a MAC, keeps the one it has.
    /// </summary>
    /// <returns>Null where the row is not as the vault wrote it.</returns>
    internal Grant? TryRewrap(KeyEncryptionKey from, KeyEncryptionKey to)
    {
        var isAuthentic = IsAuthentic(from);
        if ((Status is GrantStatus.Active or GrantStatus.Pending && !isAuthentic) || Secrets.TryRewrap(from, to, Place, Generation) is not { } secrets)
        {
            return null;
        }

        var rewrapped = this with { Secrets = secrets };
        return isAuthentic ? rewrapped.Authenticated(to) : rewrapped;
    }

    // The MAC covers the place the row was made for; a true copy of it elsewhere, under another account or as a tombstone, is not the grant. A pending
    // one lies in its session's row; where exactly does not matter, since its status is covered and nothing but completing ever opens it.
    internal bool LiesInItsPlace() =>
        GrantOwner.Owns(Place.App, Place.UserHash, Key.Partition)
        && (Status is GrantStatus.Pending ? GrantRow.IsPending(Key.Row) : GrantRow.IsKeyOf(Key.Row, Place.Provider, Place.AccountKey));

    // Covers what decides where a token goes and whether it may; not what a writer may at most delay by (due, lease, fails) or hasten (restored).
    private byte[] ComputeMac(KeyEncryptionKey key)
    {
        using var place = Place.AssociatedData("row", Generation);
        var parts = new LengthPrefixed(4096);
        try
        {
            parts.AddBase64(place.Written);
            parts.Add(Status.ToWire());
            parts.Add(ScopeText.GetValue(Scopes, static scopes => JsonSerializer.Serialize(scopes)));
            parts.Add(CreatedAt);
            parts.Add(ExpiresAt);
            parts.Add(MaxExpiresAt);
            parts.Add(AccessTokenExpiresAt);
            parts.Add(ClientAccountKey);
            parts.Add(Secrets.KeyVersion);
            parts.AddBase64(Secrets.DataKey);
            parts.AddBase64(Secrets.AccessToken);
            parts.AddBase64(Secrets.RefreshToken);
            parts.AddBase64(Secrets.Profile);
            if (Browser is not null)
            {
                parts.Add(Browser);
            }

            return key.Mac(KeyPurpose.Row, Place.App, parts.Written);
        }
        finally
        {
            parts.Dispose();
        }
    }

    // Most grants of an app share one list (GrantRow).
    private static readonly ConditionalWeakTable<IReadOnlyList<string>, string> ScopeText = [];
}
