using Azure;
using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>
/// A user's own row, <c>!u</c>: since when Connect sessions count. Whoever stores what Connect brought writes it in the same transaction, as it was read, so
/// that an erasure between the reading and the storing shows as a conflict.
/// </summary>
/// <param name="ValidFrom">The user was erased then: what was begun until then never makes a grant. Null: never erased, or more than a day ago.</param>
/// <param name="Read">The version read; null: there is no such row.</param>
public sealed record UserMark(DateTimeOffset? ValidFrom, ETag? Read)
{
    internal const string RowKey = "!u";

    private const string ValidFromColumn = "valid_from";
    private const string WrittenColumn = "written_at";

    /// <summary>No row.</summary>
    public static UserMark None { get; } = new(null, null);

    /// <summary>Whether something begun at an instant, such as a session when it was minted, was begun for what is erased by now.</summary>
    public bool IsErased(DateTimeOffset begunAt) => begunAt <= ValidFrom;

    internal static bool Is(TableEntity row) => row.RowKey == RowKey;

    internal static UserMark Of(TableEntity row) => new(Instant(row, ValidFromColumn), row.ETag);

    internal static DateTimeOffset? WrittenAt(TableEntity row) => Instant(row, WrittenColumn);

    internal TableEntity ToRow(string partition, string userHash, string operation, DateTimeOffset now)
    {
        var row = new TableEntity(partition, RowKey) { [GrantRow.OperationColumn] = operation, [GrantRow.UserHashColumn] = userHash, [WrittenColumn] = now };
        if (ValidFrom is { } from)
        {
            row[ValidFromColumn] = from;
        }

        return row;
    }

    private static DateTimeOffset? Instant(TableEntity row, string column) => GrantRow.Value(row, column) as DateTimeOffset?;
}
