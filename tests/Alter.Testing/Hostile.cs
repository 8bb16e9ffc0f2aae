using System.Text;
using CsCheck;

namespace Alter.Testing;

/// <summary>What parsers that face the internet are given: the same on every machine and in every run, so that a failure stays one.</summary>
public static class Hostile
{
    private static readonly Gen<string> Bits = Gen.OneOf(
        Gen.OneOf(
            "", " ", "\0", "\r\n", "\t", "\"", "\\", "\\ud800", "\\u0000", "{", "}", "[", "]", ":", ",", "null", "true", "-1", "1e999", "9223372036854775808", "\ud83d\ude00", "\ud800", "é", "\u202e",
            "%00", "%2e%2e", "/", "//", "@", "#", "?", ".", "=", "-", "_", "'", "' or PartitionKey gt '", "/*", "//\n", "\ufeff", "ＡＢ", "[[[[[[[[[[[[[[[[[[[["),
        Gen.Char.Select(c => c.ToString()),
        Gen.Int[1, 3000].Select(length => new string('a', length)));

    /// <summary>Gives each of <paramref name="count"/> values to a check, and says which one it failed with.</summary>
    public static void Each<T>(Gen<T> values, int count, Action<T> check)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(check);
        var random = new PCG(1, 42);
        for (var at = 0; at < count; at++)
        {
            var value = values.Generate(random, null, out _);
            try
            {
                check(value);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Value {at}: {Shown(value)}", e);
            }
        }
    }

    /// <summary>The same for checks that wait.</summary>
    public static async Task EachAsync<T>(Gen<T> values, int count, Func<T, Task> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        var all = new List<T>();
        Each(values, count, all.Add);
        for (var at = 0; at < all.Count; at++)
        {
            try
            {
                await check(all[at]);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Value {at}: {Shown(all[at])}", e);
            }
        }
    }

    /// <summary>A right text with one to three of its stretches removed, doubled, exchanged, or replaced by something unpleasant; now and then only that.</summary>
    public static Gen<string> Text(params string[] right) =>
        Gen.Select(Gen.OneOf(right), Change.Array[1, 3]).Select((text, changes) => changes.Aggregate(text, (changed, change) => change(changed)));

    /// <summary>The same in UTF-8, sometimes with a byte that is none.</summary>
    public static Gen<byte[]> Utf8(params string[] right) => Gen.Select(Text(right), Gen.Int[0, 9], Gen.Int[0, 1 << 20], Gen.Byte).Select((text, kind, place, value) =>
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (kind == 0 && bytes.Length > 0)
        {
            bytes[place % bytes.Length] = value;
        }

        return bytes;
    });

    private static Gen<Func<string, string>> Change => Gen.Select(Gen.Int[0, 6], Gen.Int[0, 1 << 20], Gen.Int[0, 1 << 20], Bits).Select<int, int, int, string, Func<string, string>>((kind, one, two, bit) => text =>
    {
        var (from, to) = (one % (text.Length + 1), Math.Min(text.Length, (one % (text.Length + 1)) + (two % 12)));
        return kind switch
        {
            0 => text[..from] + text[to..],
            1 => text[..to] + text[from..],
            2 => text[..from] + bit + text[from..],
            3 => text[to..] + bit + text[..from],
            4 when two % 20 == 0 => bit,
            _ => text[..from] + bit + text[to..],
        };
    });

    private static string Shown<T>(T value) => value switch
    {
        byte[] bytes => $"0x{Convert.ToHexString(bytes)}",
        var other => $"{other}",
    };
}
