using System.Buffers.Text;
using System.Text.Json;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;

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
    private const int MaxLength = 4000; // What browsers keep of a cookie.

    /// <summary>The name of an identity provider's cookie.</summary>
    public static string NameOf(string identityProvider) => Prefix + identityProvider;

    /// <summary>A cookie's value.</summary>
    public async Task<string> SealAsync(string identityProvider, SignedInUser user, CancellationToken cancellationToken)
    {
        var key = await ring.CurrentAsync(cancellationToken);
        return Base64Url.EncodeToString(SealedFormat.Seal(key.Derive(KeyPurpose.Cookie, ""), JsonSerializer.SerializeToUtf8Bytes(user), Binding(identityProvider)));
    }

    /// <summary>Who signed in; null for a cookie that is none of ours, of another identity provider, or older than eight hours.</summary>
    public async Task<SignedInUser?> OpenAsync(string identityProvider, string? value, CancellationToken cancellationToken)
    {
        if (value is not { Length: > 0 and <= MaxLength } || !Base64Url.IsValid(value))
        {
            return null;
        }

        var cookie = Base64Url.DecodeFromChars(value);
        await foreach (var possible in ring.PossibleAsync(cancellationToken))
        {
            if (TryOpen(possible) is { } user)
            {
                var age = time.GetUtcNow() - user.SignedInAt;
                return age >= TimeSpan.Zero && age < Lifetime ? user : null;
            }
        }

        return null;

        SignedInUser? TryOpen(KeyEncryptionKey key) =>
            SealedFormat.TryOpen(key.Derive(KeyPurpose.Cookie, ""), cookie, Binding(identityProvider), out var json) ? JsonSerializer.Deserialize<SignedInUser>(json) : null;
    }

    private static byte[] Binding(string identityProvider) => DeploymentSalt.LengthPrefixed("alter/1", "cookie", "user", identityProvider);
}
