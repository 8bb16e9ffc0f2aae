using Alter.Connect;
using Alter.Keys;
using Alter.Storage;

namespace Alter.Wallet;

/// <summary>The Wallet's two cookies: who is signed in, and the sign-in under way. Any instance opens them; none remembers anything.</summary>
public sealed class WalletCookies(KeyRing ring, TimeProvider time)
{
    /// <summary>Who is signed in.</summary>
    public const string Session = "__Host-alter-wallet";

    /// <summary>The sign-in under way.</summary>
    public const string SignIn = "__Host-alter-wallet-signin";

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60); // Another instance's clock may be ahead of this one's.
    private static readonly byte[] SessionBinding = DeploymentSalt.LengthPrefixed("alter/1", "cookie", "wallet");
    private static readonly byte[] SignInBinding = DeploymentSalt.LengthPrefixed("alter/1", "cookie", "wallet-sign-in");

    /// <summary>The value of <see cref="Session"/>; null where a browser would not keep it.</summary>
    public async Task<string?> SealAsync(WalletSession session, CancellationToken cancellationToken) =>
        await SealedCookie.SealAsync(ring, SessionBinding, session, cancellationToken) is { Length: <= SealedCookie.MaxLength } value ? value : null;

    /// <summary>The value of <see cref="SignIn"/>.</summary>
    public Task<string> SealAsync(WalletSignInStep step, CancellationToken cancellationToken) => SealedCookie.SealAsync(ring, SignInBinding, step, cancellationToken);

    /// <summary>Who is signed in, or <see cref="WalletSessionExpired"/>. No storage operation: whether the user was erased since, the reading of their rows tells.</summary>
    public async Task<Outcome<WalletSession>> OpenSessionAsync(string? value, CancellationToken cancellationToken) =>
        await SealedCookie.OpenAsync<WalletSession>(ring, SessionBinding, value, cancellationToken) is { } session && IsWithin(WalletSession.Lifetime, session.SignedInAt)
            ? session
            : new WalletSessionExpired();

    /// <summary>The sign-in a browser has begun; null where it began none in the last ten minutes.</summary>
    public async Task<WalletSignInStep?> OpenSignInAsync(string? value, CancellationToken cancellationToken) =>
        await SealedCookie.OpenAsync<WalletSignInStep>(ring, SignInBinding, value, cancellationToken) is { } step && IsWithin(WalletSignInStep.Lifetime, step.BegunAt)
            ? step
            : null;

    private bool IsWithin(TimeSpan lifetime, DateTimeOffset begun)
    {
        var age = time.GetUtcNow() - begun;
        return age >= -Skew && age < lifetime;
    }
}
