namespace Alter.Wallet;

/// <summary>Nobody is signed in to the Wallet with this browser: not yet, not for eight hours, or not since the user was erased.</summary>
public sealed record WalletSessionExpired()
    : Refusal("Nobody is signed in to the Wallet with this browser, or the eight hours of the sign-in are over. Sign in at /wallet.");
