using System.Buffers.Text;
using System.Text.Json;
using Alter.Apps;

namespace Alter.Cli.Jwt;

/// <summary>A token as a developer pasted it, read as far as it can be. Nothing in it is believed; the verdict is the vault's own verifier's.</summary>
internal sealed class PastedToken
{
    /// <summary>Longer ones the vault refuses unread.</summary>
    private const int MaxLength = 16 * 1024;

    private readonly JsonElement header;
    private readonly JsonElement claims;

    private PastedToken(string raw, JsonElement header, JsonElement claims) => (Raw, this.header, this.claims) = (raw, header, claims);

    /// <summary>For the verifier alone.</summary>
    public string Raw { get; }

    public string? Algorithm => Text(header, "alg");

    public string? Type => Text(header, "typ");

    public string? Issuer => Text(claims, "iss");

    /// <summary>Empty where there is none, or none that is text.</summary>
    public IReadOnlyList<string> Audiences => claims.TryGetProperty("aud", out var aud)
        ? aud.ValueKind switch
        {
            JsonValueKind.Array => [.. aud.EnumerateArray().Select(Text).OfType<string>()],
            _ => Text(aud) is { } one ? [one] : [],
        }
        : [];

    /// <summary>The client the token was made for (<c>azp</c>, or <c>client_id</c> of RFC 9068).</summary>
    public string? Party => Text(claims, "azp") ?? Text(claims, "client_id");

    public DateTimeOffset? IssuedAt => Time("iat");

    public DateTimeOffset? ExpiresAt => Time("exp");

    /// <summary>OpenID Connect Core §2 gives these to id tokens; access tokens carry scopes instead.</summary>
    public bool LooksLikeIdToken => (Has("nonce") || Has("at_hash") || Has("c_hash")) && !Has("scope") && !Has("scp");

    /// <summary>Whether the claim is there.</summary>
    public bool Has(string claim) => claims.TryGetProperty(claim, out _);

    public string? Tenant => Text(claims, "tid");

    /// <summary>The token, or one sentence on what was pasted instead.</summary>
    public static (PastedToken? Token, string Sentence) Read(string pasted)
    {
        const string Bearer = "Bearer ";
        var raw = pasted.Trim();
        raw = raw.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? raw[Bearer.Length..].Trim() : raw;
        if (raw.Length == 0)
        {
            return (null, "There is no token.");
        }

        if (raw.StartsWith(AppKeys.Prefix, StringComparison.Ordinal))
        {
            return (null, "This is an app key of the vault, not a user token. It is a secret: if others can see this terminal, replace it (alter key).");
        }

        if (raw.StartsWith("sess_", StringComparison.Ordinal))
        {
            return (null, "This is the token of a Connect session, not a user token.");
        }

        if (raw.Length > MaxLength)
        {
            return (null, $"It is longer than {MaxLength} characters; the vault refuses that unread.");
        }

        var parts = raw.Split('.');
        return parts.Length switch
        {
            5 => (null, "This is an encrypted token (JWE): only the one it is made for can read it. Ask the identity provider for a signed access token, for an API of your own."),
            3 when Decode(parts[0]) is { } header && Decode(parts[1]) is { } claims => (new PastedToken(raw, header, claims), ""),
            3 => (null, "It has the three parts of a JWT, but the first two are not JSON: it was cut or changed on its way."),
            _ => (null, "This is an opaque token: it says nothing by itself, so the vault cannot know whose it is. Identity providers give JWTs once an API is asked for: "
                + "audience at Auth0, a custom authorization server at Okta, a scope of your own API at Entra."),
        };
    }

    private static JsonElement? Decode(string part)
    {
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), new() { MaxDepth = 16 });
            return document.RootElement.ValueKind is JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement members, string name) => members.TryGetProperty(name, out var value) ? Text(value) : null;

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Text that is no Unicode.
        }
    }

    private DateTimeOffset? Time(string claim) =>
        claims.TryGetProperty(claim, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 253402300799
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;
}
