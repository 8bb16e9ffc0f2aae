using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;

namespace Alter.Storage;

/// <summary>Rows for those who only look: a table that is not there has none, and none is made.</summary>
internal static class StoredRows
{
    /// <summary>The rows that match, in key order.</summary>
    /// <remarks>A page per storage operation.</remarks>
    internal static async IAsyncEnumerable<TableEntity> ReadAsync(
        TableClient table, string? filter, int pageSize, string[]? columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isBegun = false;
        await using var rows = table.QueryAsync<TableEntity>(filter, pageSize, columns, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync())
        {
            isBegun = true;
            yield return rows.Current;
        }

        async Task<bool> NextAsync()
        {
            try
            {
                return await rows.MoveNextAsync();
            }
            catch (RequestFailedException e) when (e.Status is 404 && !isBegun)
            {
                return false; // One that goes in the middle of it is a fault: what was read is not all there was.
            }
        }
    }
}
