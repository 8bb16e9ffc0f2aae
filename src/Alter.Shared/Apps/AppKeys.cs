using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Alter.Apps;

/// <summary>Finds the app whose backend presents a key.</summary>
public sealed partial class AppKeys(ConfigurationSource source)
{
    /// <summary>What every app key begins with, so that scanners of leaked secrets find it.</summary>
    public const string Prefix = "alter_key_app_";

    /// <summary>The app and the key, or <see cref="InvalidApiKey"/>.</summary>
    public Outcome<(AppConfiguration App, AppKey Key)> FindApp(string presentedKey)
    {
        ArgumentNullException.ThrowIfNull(presentedKey);
        if (source.Current is not { } configuration)
        {
            return new VaultUnavailable("The vault's configuration has mistakes; /health/ready lists where.");
        }

        if (!Form().IsMatch(presentedKey))
        {
            return new InvalidApiKey($"The key does not have the shape of an app key: {Prefix} and 43 characters. Was it cut, quoted or wrapped?");
        }

        // Every digest is compared, all 32 bytes of it: the time tells neither the place nor the prefix of a match.
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(presentedKey), digest);
        AppConfiguration? foundApp = null;
        AppKey? foundKey = null;
        foreach (var app in configuration.Apps.Values)
        {
            foreach (var key in app.Keys)
            {
                if (CryptographicOperations.FixedTimeEquals(digest, key.Sha256))
                {
                    (foundApp, foundKey) = (app, key);
                }
            }
        }

        return foundApp is not null && foundKey is not null
            ? (foundApp, foundKey)
            : new InvalidApiKey(
                $"None of the {configuration.KeyCount} keys in this vault's document (version {configuration.Version}) is this one. Was the document with the key's digest deployed?");
    }

    /// <summary>256 bits in base64url without padding are 43 characters.</summary>
    [GeneratedRegex(@"^alter_key_app_[A-Za-z0-9_-]{43}\z")]
    private static partial Regex Form();
}

/// <summary>The app key is missing, malformed or unknown.</summary>
/// <param name="Detail">Which of them; never the key.</param>
public sealed record InvalidApiKey(string Detail) : Refusal(Detail);
