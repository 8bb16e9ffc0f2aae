using System.Globalization;

namespace Alter.Storage;

/// <summary>Parts of table keys: safe characters, sortable times.</summary>
public static class RowKeys
{
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>19 digits of UTC ticks: text order is time order.</summary>
    public static string Ticks(DateTimeOffset instant) => instant.UtcTicks.ToString("D19", CultureInfo.InvariantCulture);

    /// <summary>The hour as <c>yyyyMMddHH</c>: text order is time order.</summary>
    public static string Hour(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyyMMddHH", CultureInfo.InvariantCulture);

    /// <summary>The month as <c>yyyyMM</c>: the end of the name of a table that holds one month.</summary>
    public static string Month(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyyMM", CultureInfo.InvariantCulture);

    /// <summary>RFC 4648 §6 in lower case, without padding.</summary>
    public static string ToBase32(ReadOnlySpan<byte> bytes)
    {
        var text = new char[(bytes.Length * 8 + 4) / 5];
        var (buffer, bits, at) = (0, 0, 0);
        foreach (var b in bytes)
        {
            buffer = (buffer << 8) | b;
            bits += 8;
            while (bits >= 5)
            {
                bits -= 5;
                text[at++] = Base32[(buffer >> bits) & 31];
            }

            buffer &= (1 << bits) - 1;
        }

        if (bits > 0)
        {
            text[at] = Base32[(buffer << (5 - bits)) & 31];
        }

        return new string(text);
    }
}
