using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Alter.Apps;

/// <summary>Finds the app whose backend presents a key.</summary>
public sealed partial class AppKeys(ConfigurationSource source, TimeProvider time)
{
    /// <summary>What every app key begins with, so that scanners of leaked secrets find it.</summary>
    public const string Prefix = "alter_key_app_";

    /// <summary>The app and the key, or <see cref="InvalidApiKey"/>.</summary>
    /// <param name="presentedKey">As received.</param>
    /// <param name="callerAddress">For keys that are good from some addresses alone; null: not known.</param>
    public Outcome<(AppConfiguration App, AppKey Key)> FindApp(ReadOnlySpan<char> presentedKey, IPAddress? callerAddress)
    {
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
        Span<byte> ascii = stackalloc byte[presentedKey.Length]; // By its form as short as every key.
        SHA256.HashData(ascii[..Encoding.ASCII.GetBytes(presentedKey, ascii)], digest);
        AppConfiguration? foundApp = null;
        AppKey? foundKey = null;
        foreach (var (app, key) in configuration.Keys)
        {
            if (CryptographicOperations.FixedTimeEquals(digest, key.Sha256))
            {
                (foundApp, foundKey) = (app, key);
            }
        }

        if (foundApp is null || foundKey is null)
        {
            return new InvalidApiKey(
                $"None of the {configuration.KeyCount} keys in this vault's document (version {configuration.Version}) is this one. Was the document with the key's digest deployed?");
        }

        return Fault(foundKey, callerAddress) is { } fault ? new InvalidApiKey(fault) : (foundApp, foundKey);
    }

    private string? Fault(AppKey key, IPAddress? callerAddress)
    {
        if (key.ExpiresAt <= time.GetUtcNow())
        {
            return string.Create(CultureInfo.InvariantCulture, $"The key {key.Id} expired at {key.ExpiresAt:yyyy-MM-dd'T'HH:mm:ss'Z'}. Give the backend a newer one: ./alter key makes it.");
        }

        if (key.Addresses is null)
        {
            return null;
        }

        return callerAddress is not { } address ? $"The key {key.Id} is good from some addresses alone, and the caller's is not known. The document's caller_address says which header tells it."
            : key.Addresses.Any(range => range.Contains(address)) ? null
            : $"The key {key.Id} is not good from {address}. The document lists its cidrs.";
    }

    /// <summary>256 bits in base64url without padding are 43 characters.</summary>
    [GeneratedRegex(@"^alter_key_app_[A-Za-z0-9_-]{43}\z")]
    private static partial Regex Form();
}

/// <summary>The app key is missing, malformed, unknown, expired, or not good from where it is used.</summary>
/// <param name="Detail">Which of them; never the key.</param>
public sealed record InvalidApiKey(string Detail) : Refusal(Detail);
