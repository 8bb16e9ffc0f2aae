using Alter.Storage;
using Azure;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>
/// Which grants hold an account of an OAuth client: table <c>accounts</c>. Written before the grant, read only where revoking one token at the
/// provider ends all of them; every hit is verified by reading its grant.
/// </summary>
public sealed class AccountIndex(AlterTables tables)
{
    /// <summary>Adds a grant.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task AddAsync(Grant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        await tables.EnsureAsync(cancellationToken);
        await tables.Accounts.UpsertEntityAsync(
            new TableEntity(grant.ClientAccountKey, grant.Id.ToString("D")) { ["gpk"] = grant.Key.Partition, ["grk"] = grant.Key.Row },
            TableUpdateMode.Replace,
            cancellationToken);
    }

    /// <summary>The other grants of the same client and account.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<IReadOnlyList<(GrantKey Key, Guid Id)>> ListOthersAsync(Grant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var others = new List<(GrantKey, Guid)>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {grant.ClientAccountKey}"),
            cancellationToken: cancellationToken))
        {
            if (Guid.TryParseExact(row.RowKey, "D", out var id) && id != grant.Id)
            {
                others.Add((new GrantKey(row.GetString("gpk") ?? "", row.GetString("grk") ?? ""), id));
            }
        }

        return others;
    }

    /// <summary>The version of a grant's row; null where there is none.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<ETag?> FindAsync(Grant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        await tables.EnsureAsync(cancellationToken);
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(
            grant.ClientAccountKey, grant.Id.ToString("D"), select: ["RowKey"], cancellationToken: cancellationToken);
        return row.HasValue ? row.Value!.ETag : null;
    }

    /// <summary>Removes a grant's row, unless Connect wrote it again since that version: then the same grant is about to live on.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task RemoveAsync(Grant grant, ETag version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        try
        {
            await tables.Accounts.DeleteEntityAsync(grant.ClientAccountKey, grant.Id.ToString("D"), version, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 412)
        {
            // Renewed meanwhile.
        }
    }
}
