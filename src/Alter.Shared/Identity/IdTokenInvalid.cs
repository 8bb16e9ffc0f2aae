namespace Alter.Identity;

/// <summary>An OpenID provider's id token is not one for this flow.</summary>
/// <param name="Detail">Which rule it breaks; never the token.</param>
public sealed record IdTokenInvalid(string Detail) : Refusal(Detail);
