using System.Text.Json;

namespace Alter.Audit;

/// <summary>How far lanes had come at one minute: nothing before it can be taken away, changed or moved without showing.</summary>
/// <param name="Number">Counts without a gap, from 1.</param>
/// <param name="At">When.</param>
/// <param name="Heads">Lanes that may still be written, and all that were since the seal before.</param>
/// <param name="Previous">The hash of the seal before.</param>
/// <param name="Dropped">The last month (<c>yyyyMM</c>) that retention has taken; null: none yet.</param>
/// <param name="Oldest">The number of the oldest seal that is kept.</param>
internal sealed record AuditSeal(long Number, DateTimeOffset At, IReadOnlyDictionary<string, SealedHead> Heads, byte[] Previous, string? Dropped, long Oldest)
{
    internal string HeadsText() => JsonSerializer.Serialize(Heads.OrderBy(head => head.Key, StringComparer.Ordinal).ToDictionary(head => head.Key, head => head.Value));

    internal static IReadOnlyDictionary<string, SealedHead>? ReadHeads(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, SealedHead>>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>One lane in a seal.</summary>
/// <param name="S">Its last entry.</param>
/// <param name="C">The chain up to there, hex.</param>
/// <param name="T">When that was written.</param>
internal sealed record SealedHead(long S, string C, DateTimeOffset T);
