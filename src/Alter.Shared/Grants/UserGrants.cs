using Alter.Storage.Wire;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>Everything in one user's partition.</summary>
/// <param name="Grants">In row-key order, tombstones among them.</param>
/// <param name="Pending">What waits to be completed, and what was not long ago.</param>
/// <param name="LastUsed">By grant id.</param>
/// <param name="Markers">Which session was used up by which grant.</param>
/// <param name="User">Since when Connect sessions of the user count.</param>
public sealed record UserGrants(
    IReadOnlyList<Grant> Grants,
    IReadOnlyList<Grant> Pending,
    IReadOnlyDictionary<Guid, DateTimeOffset> LastUsed,
    IReadOnlyList<ConnectMarker> Markers,
    UserMark User)
{
    internal const string LastUsedPrefix = "~u|";
    internal const string LastUsedColumn = "last_used_at";

    /// <summary>The grants of one provider, tombstones aside.</summary>
    public IReadOnlyList<Grant> Of(string provider) => [.. Grants.Where(grant => grant.Place.Provider == provider && grant.Key.Row[0] != '~')];

    internal static TableRow LastUsedRow(Grant grant, DateTimeOffset at) => new(grant.Key.Partition, $"{LastUsedPrefix}{grant.Id:D}", 2)
    {
        [GrantRow.UserHashColumn] = grant.Place.UserHash,
        [LastUsedColumn] = at,
    };

    internal static UserGrants From(IEnumerable<TableEntity> rows)
    {
        var (grants, pending) = (new List<Grant>(), new List<Grant>());
        var lastUsed = new Dictionary<Guid, DateTimeOffset>();
        var markers = new List<ConnectMarker>();
        var user = UserMark.None;
        foreach (var row in rows)
        {
            if (ConnectMarker.Read(row) is { } marker)
            {
                markers.Add(marker);
            }
            else if (UserMark.Is(row))
            {
                user = UserMark.Of(row);
            }
            else if (IsLastUsed(row))
            {
                if (NotedGrant(row) is { } id && GrantRow.Value(row, LastUsedColumn) is DateTimeOffset at)
                {
                    lastUsed[id] = at;
                }
            }
            else if (GrantRow.IsGrant(row))
            {
                (GrantRow.IsPending(row.RowKey) ? pending : grants).Add(GrantRow.Read(row));
            }
        }

        return new UserGrants(grants, pending, lastUsed, markers, user);
    }

    internal static bool IsLastUsed(TableEntity row) => row.RowKey.StartsWith(LastUsedPrefix, StringComparison.Ordinal);

    internal static Guid? NotedGrant(TableEntity row) =>
        IsLastUsed(row) && Guid.TryParseExact(row.RowKey[LastUsedPrefix.Length..], "D", out var id) ? id : null;
}
