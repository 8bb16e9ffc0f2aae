namespace Alter.Identity;

/// <summary>A rule a token breaks.</summary>
/// <param name="Reason">One of <see cref="InvalidUserTokenReasons"/>.</param>
/// <param name="Detail">For a developer; never a part of the token that could be secret.</param>
internal sealed record TokenFault(string Reason, string Detail)
{
    internal static TokenFault Malformed(string detail) => new(InvalidUserTokenReasons.Malformed, detail);

    internal static TokenFault Signature(string detail) => new(InvalidUserTokenReasons.Signature, detail);

    internal static TokenFault Claims(string detail) => new(InvalidUserTokenReasons.Claims, detail);
}
