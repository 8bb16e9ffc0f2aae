using System.Text.Json.Serialization;

namespace Alter.Identity;

/// <summary>The user token is missing or does not name a user of this app.</summary>
/// <param name="Detail">What is wrong with it; never the token.</param>
/// <param name="Reason">One of <see cref="InvalidUserTokenReasons"/>.</param>
public sealed record InvalidUserToken(string Detail, string Reason) : Refusal(Detail)
{
    /// <summary>What the app's configuration accepts; for issuer and audience only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Expected { get; init; }

    /// <summary>What the token says; for issuer and audience only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Received { get; init; }
}

/// <summary>The values of <see cref="InvalidUserToken.Reason"/>.</summary>
public static class InvalidUserTokenReasons
{
    public const string Missing = "missing";
    public const string Malformed = "malformed";
    public const string Expired = "expired";
    public const string Issuer = "issuer";
    public const string Audience = "audience";
    public const string Signature = "signature";
    public const string Claims = "claims";
}
