namespace Alter.Egress;

/// <summary>A whole answer, whatever its status.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="ContentType">The media type without parameters, as sent.</param>
/// <param name="RetryAfter">From now, never negative; not capped.</param>
/// <param name="Body">As sent: nothing is decompressed.</param>
public sealed record EgressAnswer(int Status, string? ContentType, TimeSpan? RetryAfter, byte[] Body)
{
    /// <summary>Bodies carry tokens: they are never printed.</summary>
    public override string ToString() => $"[answer {Status}, {Body.Length} bytes]";
}
