using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Alter.Storage.Wire;

/// <summary>
/// Texts that stand in row after row, as strings that are made once: the names of columns, of which a row has dozens, and what grants of one app have in common. Nothing is taken from
/// here that storage did not just send, byte for byte.
/// </summary>
internal static class KnownTexts
{
    private const int Places = 1024; // A power of two; the vault's tables have about a hundred names.

    /// <summary>In bytes; longer ones are made each time.</summary>
    internal const int Longest = 256;

    // A text that another has the place of takes it; a race loses at most a string.
    private static readonly string?[] Known = new string?[Places];

    /// <summary>The text.</summary>
    /// <param name="utf8">As it stands in an answer, without escapes.</param>
    internal static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var place = ref Known[PlaceOf(utf8)];
        return place is { } known && Ascii.Equals(utf8, known) ? known : place = Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Whether a column says the same in most rows: those of a grant's app, provider and key-encryption key.</summary>
    internal static bool AreIn(string column) => column is "app" or "provider" or "status" or "scopes" or "kek";

    // Nobody who calls chooses them: length, beginning and end will do.
    private static int PlaceOf(ReadOnlySpan<byte> utf8)
    {
        var hash = (ulong)utf8.Length;
        if (utf8.Length >= sizeof(ulong))
        {
            hash += BinaryPrimitives.ReadUInt64LittleEndian(utf8) + BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]), 23);
        }
        else
        {
            foreach (var one in utf8)
            {
                hash = (hash << 8) + one;
            }
        }

        return (int)((hash * 0x9e3779b97f4a7c15) >> 54); // Fibonacci hashing: the upper bits are mixed best.
    }
}
