using System.Buffers;
using Alter.Storage.Wire;

namespace Alter.Audit;

/// <summary>What the activity tables need to know of an entry.</summary>
/// <param name="At">When it was.</param>
/// <param name="Id">Its id.</param>
/// <param name="App">The app's id.</param>
/// <param name="User">The owner's full hash; null: nobody's.</param>
/// <param name="Provider">The provider's id.</param>
/// <param name="GrantId">The grant.</param>
/// <param name="Outcome">How it came out.</param>
/// <param name="Json">The entry as the record has it, as a JSON string (<see cref="JsonText"/>).</param>
internal readonly record struct ActivityEntry(DateTimeOffset At, string Id, string App, string? User, string? Provider, Guid? GrantId, string? Outcome, ReadOnlyMemory<byte> Json)
{
    /// <summary>Of an entry of the record.</summary>
    public static ActivityEntry Of(AuditEntry entry, ReadOnlyMemory<byte> json) => new(entry.At, entry.Id, entry.App, entry.User, entry.Provider, entry.GrantId, entry.Outcome, json);
}

/// <summary>
/// Entries on their way into the activity tables. They wait half a second, of a busy worker thousands at once, and each collection of young memory would move what they hold: so the
/// texts lie in rented memory, as they are sent, and of the rest no more stays than is needed.
/// </summary>
internal sealed class ActivityBatch
{
    private const int SegmentLength = 64 * 1024;

    private readonly List<ActivityEntry> entries = [];
    private readonly List<byte[]> segments = [];
    private int used;

    /// <summary>In the order they were added, until <see cref="Clear"/>.</summary>
    public IReadOnlyList<ActivityEntry> Entries => entries;

    /// <summary>Takes an entry, if people look for such a one.</summary>
    public void Add(AuditEntry entry, Utf8Text text)
    {
        if (ActivityRow.Shows(entry))
        {
            entries.Add(ActivityEntry.Of(entry, Escape(text.Bytes)));
        }
    }

    /// <summary>Forgets all entries; nothing may read their texts any more.</summary>
    public void Clear()
    {
        entries.Clear();
        segments.ForEach(segment => ArrayPool<byte>.Shared.Return(segment));
        segments.Clear();
        used = 0;
    }

    private ReadOnlyMemory<byte> Escape(ReadOnlySpan<byte> text)
    {
        var most = TableRowJson.MostEscaped(text);
        if (segments.Count is 0 || used + most > segments[^1].Length)
        {
            segments.Add(ArrayPool<byte>.Shared.Rent(Math.Max(SegmentLength, most)));
            used = 0;
        }

        var place = segments[^1].AsMemory(used);
        place = place[..TableRowJson.Escape(text, place.Span)];
        used += place.Length;
        return place;
    }
}
