using System.Buffers.Text;
using System.Text;

namespace Alter.Functions.Tests.Story;

/// <summary>Looks for a text in bytes, in every form somebody might have written it down.</summary>
internal static class SecretSearch
{
    /// <summary>The forms in which the text occurs.</summary>
    public static IEnumerable<string> FormsIn(byte[] haystack, string secret) =>
        Forms(secret).Where(form => haystack.AsSpan().IndexOf(form.Bytes) >= 0).Select(form => form.Name);

    /// <summary>Plain, UTF-16, hex, percent-encoded, JSON-escaped, and base64 at each of its three alignments.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Forms(string secret)
    {
        var utf8 = Encoding.UTF8.GetBytes(secret);
        yield return ("text", utf8);
        yield return ("reversed", [.. utf8.Reverse()]);
        yield return ("UTF-16", Encoding.Unicode.GetBytes(secret));
        yield return ("UTF-16 big endian", Encoding.BigEndianUnicode.GetBytes(secret));
        yield return ("percent-encoded", Encoding.ASCII.GetBytes(Uri.EscapeDataString(secret)));
        yield return ("twice percent-encoded", Encoding.ASCII.GetBytes(Uri.EscapeDataString(Uri.EscapeDataString(secret))));
        yield return ("JSON", Encoding.UTF8.GetBytes(System.Text.Json.JsonEncodedText.Encode(secret).ToString()));
        foreach (var (form, bytes) in ((string, byte[])[])[("text", utf8), ("UTF-16", Encoding.Unicode.GetBytes(secret))])
        {
            yield return ($"hex of {form}", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)));
            yield return ($"HEX of {form}", Encoding.ASCII.GetBytes(Convert.ToHexString(bytes)));
            for (var before = 0; before < 3; before++)
            {
                // Characters that also hold bits of the neighbours differ from place to place and are cut off.
                byte[] shifted = [.. new byte[before], .. bytes];
                var whole = shifted.Length * 8 / 6;
                var (first, url) = ((before * 8 + 5) / 6, Base64Url.EncodeToString(shifted));
                yield return ($"base64url of {form}, {before} bytes in", Encoding.ASCII.GetBytes(url[first..whole]));
                yield return ($"base64 of {form}, {before} bytes in", Encoding.ASCII.GetBytes(Convert.ToBase64String(shifted)[first..whole]));
            }
        }
    }
}
