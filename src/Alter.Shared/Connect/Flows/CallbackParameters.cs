namespace Alter.Connect;

/// <summary>The parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2), as received.</summary>
public sealed record CallbackParameters(string? Code, string? State, string? Iss, string? Error, string? ErrorDescription)
{
    /// <summary>A code is a secret: parameters never print.</summary>
    public override string ToString() => "[authorization response]";
}
