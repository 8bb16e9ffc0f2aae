using System.Globalization;
using System.Text;
using System.Text.Json;
using Alter.Providers;

namespace Alter.Tokens;

/// <summary>Reads what a token endpoint answered: RFC 6749 §5.1 and §5.2, from a server that is not trusted.</summary>
internal static class TokenAnswer
{
    private const int MaxErrorLength = 200;

    // A row's column holds 32 Ki characters; scopes share theirs with quotes and commas.
    private const int MaxScopesLength = 24 * 1024;

    // Two tokens of 16 KiB, every character escaped, would be more; no provider that answers so has such.
    private const int MaxFormLength = 64 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    /// <summary>The token set, or null where the answer has none that may be used.</summary>
    internal static TokenSet? ReadTokens(byte[] body, TokenAnswerDefinition form)
    {
        if (!TryReadObject(body, out var answer) || !Succeeds(answer, form))
        {
            return null;
        }

        answer = Holder(answer, form);
        if (!AccessToken.TryParse(Text(answer, "access_token"), out var access)
            // RFC 6749 §7.1: a client must not use a token of a type it does not understand.
            || !form.TokenType.Equals(Text(answer, "token_type"), StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return new TokenSet(
            access,
            RefreshToken.TryParse(Text(answer, "refresh_token"), out var refresh) ? refresh : null,
            Lifetime(answer),
            Text(answer, "scope") is { } scope ? Scopes(scope, form) : null,
            Text(answer, "id_token"));
    }

    /// <summary>The error code in RFC 6749's characters, at most 200, and in its words where the definition knows them; null where there is none.</summary>
    internal static string? ReadError(byte[] body, TokenAnswerDefinition form) =>
        TryReadObject(body, out var answer) && CleanText(Text(answer, "error")) is { } error ? form.Errors.GetValueOrDefault(error, error) : null;

    /// <summary>Whether an answer with status 200 means success. RFC 6749 and RFC 7009 §2.2 leave that to the status.</summary>
    internal static bool Succeeds(byte[] body, TokenAnswerDefinition form) => form.Success is null || (TryReadObject(body, out var answer) && Succeeds(answer, form));

    /// <summary>What of a provider's text may be shown: RFC 6749 A.7 and A.8 (%x20-21 / %x23-5B / %x5D-7E), at most 200 characters.</summary>
    internal static string? CleanText(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var kept = text.AsSpan(0, Math.Min(text.Length, MaxErrorLength)).ToArray().Where(c => c is >= ' ' and <= '~' and not '"' and not '\\').ToArray();
        return kept.Length == 0 ? null : new string(kept);
    }

    /// <summary>Scopes as a provider lists them, by blanks or commas, in RFC 6749 A.4's characters (%x21 / %x23-5B / %x5D-7E).</summary>
    internal static IReadOnlyList<string> Scopes(string scope, TokenAnswerDefinition form)
    {
        var left = MaxScopesLength;
        return [.. scope.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
            .Take(200)
            // Under the asked name too: else a scope that was granted would count as missing for ever.
            .SelectMany(s => form.Scopes.TryGetValue(s, out var asked) ? [s, asked] : new[] { s })
            .Where(s => s.Length <= 300 && s.All(c => c is > ' ' and <= '~' and not '"' and not '\\'))
            .Distinct()
            .TakeWhile(s => (left -= s.Length + 3) >= 0)];
    }

    private static bool Succeeds(JsonElement answer, TokenAnswerDefinition form) =>
        form.Success is null || (TryGet(answer, form.Success, out var value) && value.ValueKind is JsonValueKind.True);

    private static JsonElement Holder(JsonElement answer, TokenAnswerDefinition form) =>
        form.Within is not null && TryGet(answer, form.Within, out var inner) && inner.ValueKind is JsonValueKind.Object && TryGet(inner, "access_token", out _)
            ? inner
            : answer;

    private static TimeSpan? Lifetime(JsonElement answer)
    {
        if (!TryGet(answer, "expires_in", out var value))
        {
            return null;
        }

        var seconds = value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDouble(out var number) => number,
            // Some send it as text.
            JsonValueKind.String when double.TryParse(Text(answer, "expires_in"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) => number,
            _ => 0,
        };
        return seconds is > 0 and < 315_360_000 ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static string? Text(JsonElement answer, string member)
    {
        try
        {
            return TryGet(answer, member, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Bytes that are no UTF-8, or half of a surrogate pair: found only now.
        }
    }

    private static bool TryGet(JsonElement answer, string member, out JsonElement value)
    {
        try
        {
            return answer.TryGetProperty(member, out value);
        }
        catch (InvalidOperationException)
        {
            value = default;
            return false; // Half of a surrogate pair in a name that begins alike: found only in comparing.
        }
    }

    private static bool TryReadObject(byte[] body, out JsonElement answer)
    {
        answer = default;
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            answer = document.RootElement.Clone();
            return answer.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return TryReadForm(body, out answer);
        }
    }

    // Some answer as a form, whatever RFC 6749 §5.1 says. Read only where it is no JSON and names what such an answer must.
    private static bool TryReadForm(byte[] body, out JsonElement answer)
    {
        answer = default;
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = body.AsSpan().TrimEnd("\r\n"u8);
        if (text.Length > MaxFormLength || text.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return false;
        }

        foreach (var pair in Encoding.ASCII.GetString(text).Split('&'))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !members.TryAdd(Decode(pair[..at]), Decode(pair[(at + 1)..])))
            {
                return false; // RFC 6749 §3.2: nothing is named twice.
            }
        }

        if (!members.ContainsKey("access_token") && !members.ContainsKey("error"))
        {
            return false;
        }

        answer = JsonSerializer.SerializeToElement(members);
        return true;

        static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }
}
