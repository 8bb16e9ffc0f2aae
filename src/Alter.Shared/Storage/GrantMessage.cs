using System.Text.Json;
using System.Text.Json.Serialization;

namespace Alter.Storage;

/// <summary>Asks a worker to look at one grant.</summary>
/// <param name="V">The message's version.</param>
/// <param name="Kind">What is thought to be due; the row decides.</param>
/// <param name="Gpk">The grant's partition key.</param>
/// <param name="Grk">The grant's row key.</param>
/// <param name="Gid">The grant's id; the row may meanwhile hold a successor.</param>
/// <param name="Due">The due row's instant in UTC ticks, or 0 where no due row asked.</param>
/// <param name="Payload">With <see cref="SpillKind"/>: sealed tokens. Their seal is their only authority.</param>
public sealed record GrantMessage(
    int V, string Kind, string Gpk, string Grk, Guid Gid, long Due, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Payload = null)
{
    public const int Version = 1;

    /// <summary>Tables did not take what a provider had already answered; the message carries it.</summary>
    public const string SpillKind = "spill";

    /// <summary>A lease is over: was it given back?</summary>
    public const string LeaseKind = "lease";

    /// <summary>An operator asks that a failed or refused refresh be tried once more.</summary>
    public const string RetryKind = "retry";

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <summary>A message may carry sealed bytes: they never print.</summary>
    public override string ToString() => $"[message {Kind} about {Gid:D}]";

    /// <summary>Reads a message; null where it is not one of ours.</summary>
    public static GrantMessage? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<GrantMessage>(text, Json) is { V: Version } message ? message : null;
        }
        catch (JsonException)
        {
            return null; // Anyone who may write to the queue could have put it there.
        }
    }
}
