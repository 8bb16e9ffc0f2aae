namespace Alter.Connect;

/// <summary>The session is unknown, foreign or past its ten minutes: which of these is not said.</summary>
public sealed record ConnectSessionExpired()
    : Refusal("The Connect session is not valid or no longer valid. Mint a new one and open Connect again.");

/// <summary>The session has already connected what it was for.</summary>
public sealed record ConnectSessionUsed()
    : Refusal("The Connect session was already used. Mint a new one to connect another account.");

/// <summary>The user, or the provider for them, said no.</summary>
/// <param name="ProviderError">The provider's error code, where it gave one.</param>
public sealed record ConnectDenied(string? ProviderError)
    : Refusal("The account was not connected: access was denied at the provider.");

/// <summary>The answer of the provider does not belong to a flow of this browser.</summary>
public sealed record ConnectFlowInvalid()
    : Refusal("This answer does not belong to a connection begun in this browser, or it came too late. Open Connect again.");

/// <summary>The person in the browser is not the user the session was minted for.</summary>
public sealed record UserMismatch()
    : Refusal("Nothing was connected: this browser is signed in as another user than the one the link was made for.");
