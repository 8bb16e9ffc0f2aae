using Alter.Keys;
using Alter.Storage;

namespace Alter.Connect;

/// <summary>Who signed in with a browser at an app's OpenID provider.</summary>
/// <param name="Issuer">Of the sign-in.</param>
/// <param name="Claim">The user-id claim.</param>
/// <param name="Value">Its value.</param>
/// <param name="SignedInAt">When.</param>
public sealed record SignedInUser(string Issuer, string Claim, string Value, DateTimeOffset SignedInAt)
{
    /// <summary>Who somebody is, is personal: never printed.</summary>
    public override string ToString() => "[signed-in user]";
}

/// <summary>
/// The sealed cookie that remembers a sign-in: one for each identity provider, AES-GCM under a key derived from the key-encryption key, so that every
/// instance opens it and none has to remember anything.
/// </summary>
public sealed class UserCookies(KeyRing ring, TimeProvider time)
{
    /// <summary>From the sign-in on, used or not.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    private const string Prefix = "__Host-alter-user-";

    /// <summary>The name of an identity provider's cookie.</summary>
    public static string NameOf(string identityProvider) => Prefix + identityProvider;

    /// <summary>Whether a cookie's name is that of one of them.</summary>
    public static bool IsOne(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>A cookie's value.</summary>
    public Task<string> SealAsync(string identityProvider, SignedInUser user, CancellationToken cancellationToken) =>
        SealedCookie.SealAsync(ring, Binding(identityProvider), user, cancellationToken);

    /// <summary>Who signed in; null for a cookie that is none of ours, of another identity provider, or older than eight hours.</summary>
    public async Task<SignedInUser?> OpenAsync(string identityProvider, string? value, CancellationToken cancellationToken)
    {
        if (await SealedCookie.OpenAsync<SignedInUser>(ring, Binding(identityProvider), value, cancellationToken) is not { } user)
        {
            return null;
        }

        var age = time.GetUtcNow() - user.SignedInAt;
        return age >= TimeSpan.Zero && age < Lifetime ? user : null;
    }

    private static byte[] Binding(string identityProvider) => DeploymentSalt.LengthPrefixed("alter/1", "cookie", "user", identityProvider);
}
