using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Alter.Keys;
using Alter.Tokens;

namespace Alter.Refresh;

/// <summary>
/// What a provider answered while tables did not take it, as a queue carries it: sealed for one grant and one generation, and worthless to any other. The
/// message has no other authority.
/// </summary>
/// <remarks><c>{key version}.{base64url of the seal}</c>.</remarks>
/// <param name="AccessToken">The new access token.</param>
/// <param name="RefreshToken">The refresh token that is good from now on; null where there is none.</param>
/// <param name="LifetimeSeconds">The access token's life; null where the provider did not say.</param>
/// <param name="Scopes">The granted scopes; null where they stay.</param>
/// <param name="AnsweredAt">When the provider answered.</param>
internal sealed record SpilledTokens(string AccessToken, string? RefreshToken, double? LifetimeSeconds, IReadOnlyList<string>? Scopes, DateTimeOffset AnsweredAt)
{
    private const string Field = "spill";

    internal static string Seal(KeyEncryptionKey key, SealedPlace place, int generation, OpenSecrets secrets, TokenSet tokens, DateTimeOffset answeredAt)
    {
        using var associatedData = place.AssociatedData(Field, generation);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new SpilledTokens(
            secrets.AccessToken.Reveal(), secrets.RefreshToken?.Reveal(), tokens.Lifetime?.TotalSeconds, tokens.Scopes, answeredAt));
        try
        {
            return $"{key.Version}.{Base64Url.EncodeToString(SealedFormat.Seal(key.Derive(KeyPurpose.Spill, place.App), bytes, associatedData.Written))}";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The version of the key a payload is sealed under; empty where it is none of ours.</summary>
    internal static string KeyVersionOf(string payload) => payload.Split('.') is [var version, _] && KeyEncryptionKey.VersionPattern.IsMatch(version) ? version : "";

    /// <summary>The tokens; null where they were sealed for another grant or generation.</summary>
    internal static SpilledTokens? TryOpen(KeyEncryptionKey key, SealedPlace place, int generation, string payload)
    {
        using var associatedData = place.AssociatedData(Field, generation);
        if (payload.Split('.') is not [_, var text]
            || !Base64Url.IsValid(text)
            || !SealedFormat.TryOpen(key.Derive(KeyPurpose.Spill, place.App), Base64Url.DecodeFromChars(text), associatedData.Written, out var bytes))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<SpilledTokens>(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>As the token endpoint answered.</summary>
    internal TokenSet? ToTokens()
    {
        var life = LifetimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        return Tokens.AccessToken.TryParse(AccessToken, out var access)
            ? new TokenSet(access, Tokens.RefreshToken.TryParse(RefreshToken, out var refresh) ? refresh : null, life, Scopes, null)
            : null;
    }

    /// <summary>Tokens never print.</summary>
    public override string ToString() => "[spilled tokens]";
}
