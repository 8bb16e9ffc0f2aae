using System.Buffers;
using System.Text;

namespace Alter.Policies;

/// <summary>A path as it is sent, and what is dangerous about it.</summary>
internal sealed class SentPath
{
    // What ends a path or a segment for some servers; slashes that some code pages turn into the usual ones; and every letter of the basic plane that NFKC turns
    // into something with one of . / \ % ; ? # in it (Unicode 15). A list, because the worker runs without the tables for normalising.
    private static readonly SearchValues<char> LooksLikeSeparator = SearchValues.Create(
        ";\\?#\u2044\u2215\u2216"
        + "\u037e\u2024\u2025\u2026\u2047\u2048\u2049\u2100\u2101\u2105\u2106\u33c2\u33c7\u33d8\ufe14\ufe16\ufe19\ufe30\ufe52\ufe54\ufe56\ufe5f\ufe68\ufe6a\uff03\uff05\uff0e\uff0f\uff1b\uff1f\uff3c"
        + "\u2488\u2489\u248a\u248b\u248c\u248d\u248e\u248f\u2490\u2491\u2492\u2493\u2494\u2495\u2496\u2497\u2498\u2499\u249a\u249b");

    // Salesforce, Rails and their like take the method from the query of a POST.
    private static readonly string[] MethodParameters = ["_method", "_httpmethod", "x-http-method", "x-http-method-override", "x-method-override", "$httpmethod", "$httpheaders"];

    private readonly string? decoded;

    private SentPath(string text, string query)
    {
        Text = text;
        decoded = Decode(text);
        Ambiguity = Find(text, decoded);
        MethodOverride = MethodParameters.FirstOrDefault(name => query.Split('&', ';').Any(pair => (Decode(pair.Split('=')[0]) ?? "").Equals(name, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>The path without its query.</summary>
    internal string Text { get; }

    /// <summary>Why it could be read as another path; null where it is what it seems.</summary>
    internal string? Ambiguity { get; }

    /// <summary>A parameter of the query by which some providers take another method.</summary>
    internal string? MethodOverride { get; }

    internal static SentPath Of(string pathAndQuery)
    {
        var query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? new SentPath(pathAndQuery, "") : new SentPath(pathAndQuery[..query], pathAndQuery[(query + 1)..]);
    }

    /// <summary>Whether it is a path or lies below it, as the most lenient provider would see it: decoded, without regard to case.</summary>
    internal bool IsAtOrBelow(string path)
    {
        var (own, other) = ((decoded ?? Text).TrimEnd('/'), path.TrimEnd('/'));
        return own.StartsWith(other, StringComparison.OrdinalIgnoreCase) && (own.Length == other.Length || own[other.Length] is '/' or ':' or '(');
    }

    private static string? Find(string text, string? decoded)
    {
        if (decoded is null)
        {
            return "it has a percent sign without two hex digits, or is no UTF-8 once decoded";
        }

        if (decoded.Contains('%', StringComparison.Ordinal) || decoded.Any(char.IsControl))
        {
            return "it has an encoded percent sign or control character";
        }

        if (decoded.AsSpan().ContainsAny(LooksLikeSeparator))
        {
            return "it has a semicolon, backslash, encoded ? or #, or a character some servers take for a dot or slash";
        }

        if (text.Count(c => c == '/') != decoded.Count(c => c == '/') || text.Count(c => c == '.') != decoded.Count(c => c == '.'))
        {
            return "it has an encoded slash or dot";
        }

        return decoded.Contains("//", StringComparison.Ordinal) || decoded.Split('/').Any(segment => segment.Length > 0 && segment.All(c => c is '.' || char.IsWhiteSpace(c)))
            ? "it has an empty segment, or one of dots and blanks"
            : null;
    }

    // Once, strictly; null where that is not possible.
    private static string? Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        var bytes = new List<byte>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                bytes.Add((byte)text[at]); // TargetUrl lets visible ASCII in alone.
            }
            else if (at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]))
            {
                bytes.Add(Convert.FromHexString(text.AsSpan(at + 1, 2))[0]);
                at += 2;
            }
            else
            {
                return null;
            }
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null; // Overlong forms of a dot or slash are none either.
        }
    }
}
