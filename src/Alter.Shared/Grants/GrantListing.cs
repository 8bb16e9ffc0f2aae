using System.Buffers.Text;
using System.Text;
using Alter.Apps;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;

namespace Alter.Grants;

/// <summary>What a listing asks for.</summary>
/// <param name="Provider">One provider's id; null: all.</param>
/// <param name="Account">One account's identifier or id; null: all.</param>
/// <param name="Statuses">Null: all but <c>revoked</c> and <c>pending</c>.</param>
/// <param name="Limit">1 to 100.</param>
/// <param name="Offset">How many to skip; excludes a cursor.</param>
/// <param name="Cursor">Where the last page ended.</param>
public sealed record GrantQuery(string? Provider, string? Account, IReadOnlySet<GrantStatus>? Statuses, int Limit, int Offset, string? Cursor)
{
    public const int MaxLimit = 100;

    internal bool Includes(GrantStatus status) => Statuses?.Contains(status) ?? status is not (GrantStatus.Revoked or GrantStatus.Pending);
}

/// <summary>One page of a user's grants.</summary>
public sealed record GrantPage(IReadOnlyList<GrantView> Grants, int Total, int Limit, int Offset, bool HasMore, string? NextCursor);

/// <summary>Lists a user's grants.</summary>
public sealed class GrantListing(GrantStore store, GrantKeys keys, KeyRing ring, TimeProvider time)
{
    /// <summary>A page, in an order that does not change while grants come and go.</summary>
    /// <returns>The page, or <see cref="InvalidRequest"/> for a cursor of another user or query.</returns>
    /// <remarks>One storage operation.</remarks>
    public async Task<Outcome<GrantPage>> ListAsync(AppConfiguration app, GrantOwner owner, GrantQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(query);
        string? after = null;
        if (query.Cursor is not null && (after = await ReadCursorAsync(owner, query, cancellationToken)) is null)
        {
            return InvalidRequest.Field("cursor", "It is not a cursor of this user and these filters.");
        }

        var now = time.GetUtcNow();
        var rows = await store.ListAllAsync(owner, cancellationToken);
        var matching = new List<(Grant Grant, AccountProfile? Profile)>();
        var waiting = rows.Pending.Where(grant => grant.StatusAt(now) is GrantStatus.Pending);
        foreach (var grant in rows.Grants.Where(grant => !grant.IsErased).Concat(waiting).Where(grant => query.Includes(grant.StatusAt(now)) && (query.Provider is null || grant.Place.Provider == query.Provider)))
        {
            // What waits was perhaps brought by another person than the user: whose account it is, is said once it is completed.
            var profile = GrantRow.IsPending(grant.Key.Row) ? null : await keys.ReadProfileAsync(grant, cancellationToken);
            if (query.Account is null
                || query.Account.Equals(profile?.Identifier, StringComparison.OrdinalIgnoreCase)
                || query.Account.Equals(profile?.AccountId, StringComparison.OrdinalIgnoreCase))
            {
                matching.Add((grant, profile));
            }
        }

        var offset = after is null ? query.Offset : matching.Count(match => string.CompareOrdinal(match.Grant.Key.Row, after) <= 0);
        var page = matching.Skip(offset).Take(query.Limit).ToArray();
        var hasMore = offset + page.Length < matching.Count;
        return new GrantPage(
            [.. page.Select(match => GrantView.OfList(match.Grant, match.Profile, app, LastUsed(match.Grant.Id), now))],
            matching.Count,
            query.Limit,
            offset,
            hasMore,
            hasMore && page.Length > 0 ? await WriteCursorAsync(owner, query, page[^1].Grant.Key.Row, cancellationToken) : null);

        DateTimeOffset? LastUsed(Guid id) => rows.LastUsed.TryGetValue(id, out var at) ? at : null;
    }

    private async Task<string> WriteCursorAsync(GrantOwner owner, GrantQuery query, string row, CancellationToken cancellationToken)
    {
        var key = await ring.CurrentAsync(cancellationToken);
        return Base64Url.EncodeToString(SealedFormat.Seal(key.Derive(KeyPurpose.Cursor, owner.App), Encoding.UTF8.GetBytes(row), Binding(owner, query)));
    }

    private async Task<string?> ReadCursorAsync(GrantOwner owner, GrantQuery query, CancellationToken cancellationToken)
    {
        if (query.Cursor is not { Length: <= 512 } text || !Base64Url.IsValid(text))
        {
            return null;
        }

        var cursor = Base64Url.DecodeFromChars(text);
        await foreach (var possible in ring.PossibleAsync(cancellationToken))
        {
            if (TryOpen(possible) is { } row)
            {
                return row;
            }
        }

        return null;

        string? TryOpen(KeyEncryptionKey key) =>
            SealedFormat.TryOpen(key.Derive(KeyPurpose.Cursor, owner.App), cursor, Binding(owner, query), out var opened) ? Encoding.UTF8.GetString(opened) : null;
    }

    // A cursor of another user, or of other filters, does not open.
    private static byte[] Binding(GrantOwner owner, GrantQuery query) => DeploymentSalt.LengthPrefixed(
        "alter/1",
        "cursor",
        owner.App,
        owner.Hash,
        query.Provider ?? "",
        query.Account ?? "",
        query.Statuses is null ? "" : string.Join(',', query.Statuses.Order()));
}
