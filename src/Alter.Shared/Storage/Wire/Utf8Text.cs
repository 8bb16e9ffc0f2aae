using System.Buffers;
using System.Text;

namespace Alter.Storage.Wire;

/// <summary>A text column as the bytes it is hashed and sent as: what the vault makes as UTF-8 is no string in between.</summary>
/// <param name="bytes">UTF-8.</param>
internal sealed class Utf8Text(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> bytes = bytes;
    private byte[]? rented; // Null: not, or given back.

    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.Span;

    /// <summary>At least as many as there are characters.</summary>
    public int Length => bytes.Length;

    /// <summary>A copy in rented memory, which is <see cref="GiveBack">given back</see> or else collected like any other.</summary>
    public static Utf8Text Rented(ReadOnlySpan<byte> utf8)
    {
        var place = ArrayPool<byte>.Shared.Rent(utf8.Length);
        utf8.CopyTo(place);
        return new(place.AsMemory(0, utf8.Length)) { rented = place };
    }

    /// <summary>Nobody reads it any more; what was rented serves another from here on, and the text is empty.</summary>
    public void GiveBack()
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        (rented, bytes) = (null, default);
    }

    /// <summary>The same text.</summary>
    public static Utf8Text Of(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>The text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
