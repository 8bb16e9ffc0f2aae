using System.Collections.ObjectModel;
using System.Text.Json;

namespace Alter.Identity;

/// <summary>Claims as they were written: nothing is converted, a wrong kind is as good as absent unless the rule asks with <see cref="Has"/>.</summary>
internal readonly struct TokenClaims(JsonElement claims)
{
    // The years a DateTimeOffset can say.
    private const double MaxSeconds = 253_402_300_799;

    internal bool Has(string name) => claims.TryGetProperty(name, out _);

    /// <summary>The claim where it is a string.</summary>
    internal string? Text(string name) => claims.TryGetProperty(name, out var claim) && claim.ValueKind is JsonValueKind.String ? claim.GetString() : null;

    /// <summary>The claim where it is a NumericDate (RFC 7519 §2).</summary>
    internal DateTimeOffset? Time(string name) =>
        claims.TryGetProperty(name, out var claim) && claim.ValueKind is JsonValueKind.Number
            && claim.TryGetDouble(out var seconds) && seconds is >= 0 and <= MaxSeconds
            ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Floor(seconds))
            : null;

    /// <summary>True for JSON true, and for the string some providers write instead.</summary>
    internal bool IsTrue(string name) =>
        claims.TryGetProperty(name, out var claim) && (claim.ValueKind is JsonValueKind.True || (claim.ValueKind is JsonValueKind.String && claim.ValueEquals("true")));

    /// <summary>The audiences (RFC 7519 §4.1.3); empty where there are none, null where the claim is no string or list of strings.</summary>
    internal IReadOnlyList<string>? Audiences()
    {
        if (!claims.TryGetProperty("aud", out var aud))
        {
            return [];
        }

        return aud.ValueKind switch
        {
            JsonValueKind.String => [aud.GetString()!],
            JsonValueKind.Array when aud.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String) => [.. aud.EnumerateArray().Select(item => item.GetString()!)],
            _ => null,
        };
    }

    /// <summary>The claim a <see cref="ClaimPath"/> leads to, where it is a string.</summary>
    internal string? TextAt(string path) => At(path) is { ValueKind: JsonValueKind.String } claim ? claim.GetString() : null;

    /// <summary>The claim a <see cref="ClaimPath"/> leads to, of whatever kind.</summary>
    internal JsonElement? At(string path) => ClaimPath.Find(claims, path);

    /// <summary>The texts a <see cref="ClaimPath"/> leads to: a single one, or a list of them; null where there is nothing, or something else.</summary>
    internal IReadOnlyList<string>? TextsAt(string path) => At(path) switch
    {
        { ValueKind: JsonValueKind.String } claim => [claim.GetString()!],
        { ValueKind: JsonValueKind.Array } claim when claim.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String) => [.. claim.EnumerateArray().Select(item => item.GetString()!)],
        _ => null,
    };

    internal ReadOnlyDictionary<string, JsonElement> ToDictionary() =>
        claims.EnumerateObject().ToDictionary(claim => claim.Name, claim => claim.Value).AsReadOnly();
}
