using System.Text.Json.Serialization;

namespace Alter.Tokens;

/// <summary>The provider says that the code or refresh token is not valid (RFC 6749 §5.2). What that means for a grant is decided elsewhere.</summary>
public sealed record InvalidGrant([property: JsonIgnore] string ProviderError)
    : Refusal("The provider refused the code or refresh token.");

/// <summary>The provider gave no usable answer.</summary>
public sealed record ProviderUnreachable(string Detail, string Provider) : Refusal(Detail);

/// <summary>The provider did not answer in time.</summary>
public sealed record ProviderTimeout(string Detail, string Provider) : Refusal(Detail);
