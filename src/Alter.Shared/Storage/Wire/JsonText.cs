using System.Text.Json;

namespace Alter.Storage.Wire;

/// <summary>A text column as the JSON it is sent as, quotes included: what two rows hold is escaped once.</summary>
/// <param name="json">A JSON string, UTF-8.</param>
internal sealed class JsonText(ReadOnlyMemory<byte> json)
{
    /// <summary>A JSON string, UTF-8.</summary>
    public ReadOnlySpan<byte> Json => json.Span;

    /// <summary>The text.</summary>
    public override string ToString() => JsonSerializer.Deserialize<string>(Json)!;
}
