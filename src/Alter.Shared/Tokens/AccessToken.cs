namespace Alter.Tokens;

/// <summary>An access token (RFC 6749 §1.4). It neither prints nor serialises; <see cref="Reveal"/> is the only way out.</summary>
public readonly struct AccessToken
{
    private readonly string value;

    private AccessToken(string value) => this.value = value;

    /// <summary>Accepts what RFC 6749 A.12 allows (1*VSCHAR), up to 16 KiB: anything else is never put into a header.</summary>
    public static bool TryParse(string? value, out AccessToken token)
    {
        token = new AccessToken(value ?? "");
        return TokenText.IsValid(value);
    }

    /// <summary>The token itself, for one HTTP header. Never store, log or compare the result.</summary>
    public string Reveal() => value ?? throw new InvalidOperationException("An access token that was never parsed.");

    public override string ToString() => "[access token]";
}

/// <summary>A refresh token (RFC 6749 §1.5). It neither prints nor serialises; <see cref="Reveal"/> is the only way out.</summary>
public readonly struct RefreshToken
{
    private readonly string value;

    private RefreshToken(string value) => this.value = value;

    /// <summary>Accepts what RFC 6749 A.17 allows (1*VSCHAR), up to 16 KiB.</summary>
    public static bool TryParse(string? value, out RefreshToken token)
    {
        token = new RefreshToken(value ?? "");
        return TokenText.IsValid(value);
    }

    /// <summary>The token itself, for one form of the token endpoint. Never store, log or compare the result.</summary>
    public string Reveal() => value ?? throw new InvalidOperationException("A refresh token that was never parsed.");

    public override string ToString() => "[refresh token]";
}

internal static class TokenText
{
    internal const int MaxLength = 16 * 1024;

    // RFC 6749 A: VSCHAR = %x20-7E. A blank inside a header value is legal there, a leading or trailing one would be lost.
    internal static bool IsValid(string? value) =>
        value is { Length: > 0 and <= MaxLength }
        && !value.AsSpan().ContainsAnyExceptInRange(' ', '~')
        && value[0] != ' '
        && value[^1] != ' ';
}
