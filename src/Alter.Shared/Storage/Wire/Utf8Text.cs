using System.Text;

namespace Alter.Storage.Wire;

/// <summary>A text column as the bytes it is hashed and sent as: what the vault makes as UTF-8 is no string in between.</summary>
/// <param name="bytes">UTF-8.</param>
internal sealed class Utf8Text(ReadOnlyMemory<byte> bytes)
{
    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.Span;

    /// <summary>At least as many as there are characters.</summary>
    public int Length => bytes.Length;

    /// <summary>The same text.</summary>
    public static Utf8Text Of(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>The text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
