using System.Runtime.CompilerServices;
using Alter.Apps;
using Alter.Identity;
using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>All grants as their operator sees them. It reads only: no table is made, no row written, no sealed token kept.</summary>
/// <remarks>A page of 200 rows per storage operation.</remarks>
public sealed class GrantInventory(AlterTables tables)
{
    private const int PageSize = 200;

    // Neither access token, data key, profile nor MAC is asked for. The two refresh tokens are, for whether they are there.
    private static readonly string[] Columns =
    [
        "PartitionKey", "RowKey", "Timestamp", GrantRow.GrantIdColumn, GrantRow.UserHashColumn, "app", "provider", "acct", "status", "cause", "gen", "kek", "rt", "rv",
        "rv_outcome", "scopes", "created_at", "fails", "last_error", "next_attempt", "due", "at_exp", "expires_at", "max_expires_at", "revoked_at", "refused_at",
        GrantRow.RestoredColumn, "lease_op", "lease_until", "lease_gen", "completed_as", UserGrants.LastUsedColumn,
    ];

    /// <summary>The grants of an app, or of all, in key order; what a session used up or completed is left out.</summary>
    public IAsyncEnumerable<StoredGrant> ListAsync(string? app, CancellationToken cancellationToken) => WalkAsync(
        app is null ? null : TableClient.CreateQueryFilter($"PartitionKey ge {app + "|"} and PartitionKey lt {app + "}"}"), // '}' follows '|'.
        cancellationToken);

    /// <summary>The grants of one user.</summary>
    public IAsyncEnumerable<StoredGrant> ListAsync(UserId user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        return OfUserAsync(user, cancellationToken);
    }

    /// <summary>The rows that carry a grant's id, the likeliest first: in the partitions the id names, else anywhere.</summary>
    /// <param name="apps">Where to look first.</param>
    /// <param name="id">The id.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <remarks>One storage operation per app, then a scan of the table where no app has it.</remarks>
    public async Task<IReadOnlyList<StoredGrant>> FindAsync(IEnumerable<string> apps, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(apps);
        var gid = id.ToString("D");
        foreach (var partition in apps.Select(app => GrantId.PartitionOf(app, id)).OfType<string>())
        {
            if (await RowsAsync(TableClient.CreateQueryFilter($"PartitionKey eq {partition} and gid eq {gid}")) is { Count: > 0 } found)
            {
                return found;
            }
        }

        return await RowsAsync(TableClient.CreateQueryFilter($"gid eq {gid}"));

        async Task<IReadOnlyList<StoredGrant>> RowsAsync(string filter)
        {
            var found = new List<StoredGrant>();
            await foreach (var row in QueryAsync(filter, cancellationToken))
            {
                if (GrantRow.IsGrant(row))
                {
                    found.Add(new StoredGrant(row, await LastUsedAsync(row.PartitionKey, gid, cancellationToken)));
                }
            }

            return [.. found.OrderBy(grant => (!grant.LiesInItsPlace, grant.IsWaiting, grant.IsTombstone))];
        }
    }

    /// <summary>Whom a value names: one user per app and issuer that could have said it.</summary>
    /// <param name="vault">The document: it says which claim names users.</param>
    /// <param name="app">One app's id; null: all.</param>
    /// <param name="issuer">One issuer, exactly; null: all.</param>
    /// <param name="value">The claim's value.</param>
    public static IReadOnlyList<UserId> UsersNamed(VaultConfiguration vault, string? app, string? issuer, string value)
    {
        ArgumentNullException.ThrowIfNull(vault);
        return [.. from one in vault.Apps.Values
                   where app is null || one.Id == app
                   from concrete in ConcreteIssuer.Of(one)
                   where issuer is null || concrete.Issuer == issuer
                   select new UserId(one.Id, concrete.Issuer, concrete.Provider.UserIdClaim, value)];
    }

    private async IAsyncEnumerable<StoredGrant> OfUserAsync(UserId user, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await DeploymentSalt.FindAsync(tables, cancellationToken) is not { } salt)
        {
            yield break; // Nothing was ever stored.
        }

        var owner = await new GrantOwners(salt).OfAsync(user, cancellationToken);
        await foreach (var grant in WalkAsync(TableClient.CreateQueryFilter($"PartitionKey eq {owner.Partition} and uh eq {owner.Hash}"), cancellationToken))
        {
            yield return grant;
        }
    }

    // When a grant was last used lies behind the grants of its partition ('~' follows every provider's first letter), so a partition is gathered first.
    private async IAsyncEnumerable<StoredGrant> WalkAsync(string? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partition = "";
        var rows = new List<TableEntity>();
        var lastUsed = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        await foreach (var row in QueryAsync(filter, cancellationToken))
        {
            if (row.PartitionKey != partition)
            {
                foreach (var gathered in rows)
                {
                    yield return Gathered(gathered);
                }

                rows.Clear();
                lastUsed.Clear();
                partition = row.PartitionKey;
            }

            if (row.RowKey.StartsWith(UserGrants.LastUsedPrefix, StringComparison.Ordinal))
            {
                if (GrantRow.Value(row, UserGrants.LastUsedColumn) is DateTimeOffset at)
                {
                    lastUsed[row.RowKey[UserGrants.LastUsedPrefix.Length..]] = at;
                }
            }
            else if (GrantRow.IsGrant(row) && !(GrantRow.IsPending(row.RowKey) && GrantRow.Read(row).CompletedAs is not null))
            {
                rows.Add(row);
            }
        }

        foreach (var gathered in rows)
        {
            yield return Gathered(gathered);
        }

        StoredGrant Gathered(TableEntity row) =>
            new(row, GrantRow.Value(row, GrantRow.GrantIdColumn) is string gid && lastUsed.TryGetValue(gid, out var at) ? at : null);
    }

    private async Task<DateTimeOffset?> LastUsedAsync(string partition, string gid, CancellationToken cancellationToken)
    {
        var row = await tables.Grants.GetEntityIfExistsAsync<TableEntity>(partition, UserGrants.LastUsedPrefix + gid, [UserGrants.LastUsedColumn], cancellationToken);
        return row.HasValue ? GrantRow.Value(row.Value!, UserGrants.LastUsedColumn) as DateTimeOffset? : null;
    }

    private async IAsyncEnumerable<TableEntity> QueryAsync(string? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var rows = tables.Grants.QueryAsync<TableEntity>(filter, PageSize, Columns, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync())
        {
            yield return rows.Current;
        }

        async Task<bool> NextAsync()
        {
            try
            {
                return await rows.MoveNextAsync();
            }
            catch (RequestFailedException e) when (e.Status is 404)
            {
                return false; // There is no table: the vault has not stored anything yet.
            }
        }
    }
}
