using System.Globalization;
using Alter.Keys;
using Alter.Storage.Wire;
using Azure.Data.Tables;

namespace Alter.Audit;

/// <summary>An entry, and the head of its lane, as columns of table <c>auditYYYYMM</c>.</summary>
internal static class AuditRow
{
    /// <summary>Sorts after every entry.</summary>
    internal const string Head = "head";

    private const string EntryColumn = "entry";
    private const string SequenceColumn = "seq";
    private const string PreviousColumn = "prev";
    private const string ChainColumn = "chain";
    private const string MacColumn = "mac";
    private const string KeyColumn = "kek";
    private const string AtColumn = "at";
    private const string ProjectedColumn = "projected";

    /// <summary>An entry as read; what is not as the vault writes it reads as missing.</summary>
    internal sealed record Entry(long? Place, long? Sequence, string Text, byte[] Previous, byte[] Chain, byte[] Mac, string KeyVersion);

    internal static string RowKey(long sequence) => sequence.ToString("D12", CultureInfo.InvariantCulture);

    internal static TableRow Of(string lane, long sequence, Utf8Text text, byte[] previous, byte[] chain, KeyEncryptionKey key) => new(lane, RowKey(sequence), 6)
    {
        [EntryColumn] = text,
        [SequenceColumn] = sequence,
        [PreviousColumn] = previous,
        [ChainColumn] = chain,
        [MacColumn] = AuditChain.Mac(key, chain),
        [KeyColumn] = key.Version,
    };

    internal static TableRow OfHead(string lane, LaneHead head) => new(lane, Head, 4)
    {
        [SequenceColumn] = head.Sequence,
        [ChainColumn] = head.Chain,
        [AtColumn] = head.At,
        [ProjectedColumn] = head.Projected,
    };

    /// <summary>The one column a replay changes.</summary>
    internal static TableEntity OfProjected(string lane, long projected) => new(lane, Head) { [ProjectedColumn] = projected };

    internal static Entry Read(TableEntity row) => new(
        long.TryParse(row.RowKey, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && RowKey(place) == row.RowKey ? place : null,
        Value<long?>(row, SequenceColumn),
        Value<string>(row, EntryColumn) ?? "",
        Value<byte[]>(row, PreviousColumn) ?? [],
        Value<byte[]>(row, ChainColumn) ?? [],
        Value<byte[]>(row, MacColumn) ?? [],
        Value<string>(row, KeyColumn) ?? "");

    internal static LaneHead? ReadHead(TableEntity row) =>
        Value<long?>(row, SequenceColumn) is { } sequence && Value<byte[]>(row, ChainColumn) is { } chain && Value<DateTimeOffset?>(row, AtColumn) is { } at
            ? new LaneHead(sequence, chain, at, Value<long?>(row, ProjectedColumn) ?? -1)
            : null;

    private static T? Value<T>(TableEntity row, string column) => row.TryGetValue(column, out var value) && value is T read ? read : default;
}

/// <summary>How far a lane has come.</summary>
/// <param name="Sequence">Of its last entry.</param>
/// <param name="Chain">Of its last entry.</param>
/// <param name="At">When that was written.</param>
/// <param name="Projected">The last entry up to which all are in the activity tables; -1: none.</param>
internal sealed record LaneHead(long Sequence, byte[] Chain, DateTimeOffset At, long Projected);
