using System.Buffers.Text;
using System.Text.Json;
using Alter.Keys;
using Alter.Tokens;

namespace Alter.Connect;

/// <summary>A cookie that the vault alone reads, and any instance of it: AES-GCM under a key derived from the key-encryption key, for one purpose.</summary>
internal static class SealedCookie
{
    /// <summary>What browsers keep of a cookie, name and attributes aside.</summary>
    internal const int MaxLength = 4000;

    /// <summary>A cookie's value.</summary>
    /// <param name="ring">The keys.</param>
    /// <param name="binding">What it is for: it opens as nothing else.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="cancellationToken">Stops the wait for a key.</param>
    internal static async Task<string> SealAsync<T>(KeyRing ring, byte[] binding, T content, CancellationToken cancellationToken)
        where T : class
    {
        var key = await ring.CurrentAsync(cancellationToken);
        return Base64Url.EncodeToString(SealedFormat.Seal(key.Derive(KeyPurpose.Cookie, ""), JsonSerializer.SerializeToUtf8Bytes(content), binding));
    }

    /// <summary>What a cookie holds, under the current key or the one before; null where it is none of ours or for something else.</summary>
    internal static async Task<T?> OpenAsync<T>(KeyRing ring, byte[] binding, string? value, CancellationToken cancellationToken)
        where T : class
    {
        if (value is not { Length: > 0 and <= MaxLength } || !Base64Url.IsValid(value))
        {
            return null;
        }

        var cookie = Base64Url.DecodeFromChars(value);
        await foreach (var possible in ring.PossibleAsync(cancellationToken))
        {
            if (TryOpen(possible) is { } content)
            {
                return content;
            }
        }

        return null;

        T? TryOpen(KeyEncryptionKey key) =>
            SealedFormat.TryOpen(key.Derive(KeyPurpose.Cookie, ""), cookie, binding, out var json) ? JsonSerializer.Deserialize<T>(json) : null;
    }
}
