namespace Alter.Providers;

/// <summary>A provider cannot be used as it is configured here, or refuses what the vault presents.</summary>
/// <param name="Detail">What to look at.</param>
/// <param name="Provider">Its id.</param>
/// <param name="ProviderError">The provider's own error code, where it gave one: RFC 6749 characters, at most 200.</param>
public sealed record ConnectConfig(string Detail, string Provider, string? ProviderError = null) : Refusal(Detail);
