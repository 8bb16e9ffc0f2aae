namespace Alter.Connect;

/// <summary>The parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2), as received.</summary>
/// <param name="Code">The code.</param>
/// <param name="State">What ties it to its request.</param>
/// <param name="Iss">Who answers.</param>
/// <param name="Error">Instead of a code.</param>
/// <param name="ErrorDescription">The other side's words.</param>
/// <param name="IsLedOn">It comes from the vault's other origin; see <see cref="OtherOrigin"/>.</param>
public sealed record CallbackParameters(string? Code, string? State, string? Iss, string? Error, string? ErrorDescription, bool IsLedOn = false)
{
    /// <summary>A code is a secret: parameters never print.</summary>
    public override string ToString() => "[authorization response]";
}
