using System.Text;

namespace Alter.Storage.Wire;

/// <summary>The names of columns as strings, each made once: a row has dozens of them, and every row of a table the same.</summary>
internal static class ColumnNames
{
    private const int Places = 512; // A power of two; the vault's tables have about a hundred names.
    private const int Longest = 32;

    // A name that another has the place of takes it; a race loses at most a string.
    private static readonly string?[] Known = new string?[Places];

    /// <summary>The name.</summary>
    /// <param name="utf8">As it stands in an answer, without escapes.</param>
    internal static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var place = ref Known[Hash(utf8) & (Places - 1)];
        return place is { } known && Ascii.Equals(utf8, known) ? known : place = Encoding.UTF8.GetString(utf8);
    }

    // Short, and nobody chooses them: a plain one will do.
    private static int Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = utf8.Length;
        foreach (var one in utf8)
        {
            hash = (hash * 31) + one;
        }

        return hash;
    }
}
