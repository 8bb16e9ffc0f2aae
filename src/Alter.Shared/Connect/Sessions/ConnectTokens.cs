using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Alter.Keys;
using Alter.Storage;

namespace Alter.Connect;

/// <summary>Where a session or flow lies in table <c>connect</c>.</summary>
public sealed record ConnectKey(string Partition, string Row)
{
    /// <summary>The hash of the token: names the session in other rows.</summary>
    public string Hash => Row[2..];
}

/// <summary>
/// Session tokens and states: bearer secrets of ten minutes. Each carries its hour of expiry, so that it names its partition, and a tag, so that
/// junk is refused without a storage read. Only its hash is stored.
/// </summary>
/// <remarks>
/// <code>
///  [sess_] base64url( hour of expiry since 1970: 4 bytes │ random: 32 bytes │ tag: 10 bytes )
/// </code>
/// The tag is HMAC-SHA256 under a key derived from the current key-encryption key (the one before and one just made are accepted too), cut to 80 bits. It saves reads;
/// what authenticates is the 256-bit random.
/// </remarks>
public sealed class ConnectTokens(KeyRing ring, TimeProvider time)
{
    private const string SessionPrefix = "sess_";
    private const int HourLength = 4;
    private const int RandomLength = 32;
    private const int TagLength = 10;
    private const int Length = HourLength + RandomLength + TagLength;
    private const int TextLength = 62; // base64url of 46 bytes

    /// <summary>A new session token and its place.</summary>
    public async Task<(string Token, ConnectKey Key)> NewSessionAsync(DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        var (text, key) = await NewAsync('s', expiresAt, cancellationToken);
        return (SessionPrefix + text, key);
    }

    /// <summary>A new state (RFC 6749 §10.12) and its place.</summary>
    public Task<(string Token, ConnectKey Key)> NewStateAsync(DateTimeOffset expiresAt, CancellationToken cancellationToken) => NewAsync('f', expiresAt, cancellationToken);

    /// <summary>The place of a session token; null where it is none of ours. No storage operation.</summary>
    public async Task<ConnectKey?> ReadSessionAsync(string? token, CancellationToken cancellationToken) =>
        token is not null && token.StartsWith(SessionPrefix, StringComparison.Ordinal) ? await ReadAsync('s', token[SessionPrefix.Length..], cancellationToken) : null;

    /// <summary>The place of a state; null where it is none of ours. No storage operation.</summary>
    public Task<ConnectKey?> ReadStateAsync(string? state, CancellationToken cancellationToken) => ReadAsync('f', state ?? "", cancellationToken);

    private async Task<(string Text, ConnectKey Key)> NewAsync(char kind, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        var token = new byte[Length];
        BinaryPrimitives.WriteUInt32BigEndian(token, (uint)(expiresAt.ToUnixTimeSeconds() / 3600));
        RandomNumberGenerator.Fill(token.AsSpan(HourLength, RandomLength));
        Tag(await ring.CurrentAsync(cancellationToken), kind, token).CopyTo(token.AsSpan(HourLength + RandomLength));
        return (Base64Url.EncodeToString(token), KeyOf(kind, token));
    }

    private async Task<ConnectKey?> ReadAsync(char kind, string text, CancellationToken cancellationToken)
    {
        // Decoding throws for characters that are none, so they are looked for first.
        var token = new byte[Length];
        if (text.Length != TextLength || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, token, out var written) || written != Length)
        {
            return null;
        }

        // A token past its hour has no row worth reading, and says where it would lie; one of a far hour was not made here.
        var hour = BinaryPrimitives.ReadUInt32BigEndian(token);
        var now = time.GetUtcNow().ToUnixTimeSeconds() / 3600;
        if (hour < now || hour > now + 24)
        {
            return null;
        }

        await foreach (var possible in ring.PossibleAsync(cancellationToken))
        {
            if (IsTagged(possible))
            {
                return KeyOf(kind, token);
            }
        }

        return null;

        bool IsTagged(KeyEncryptionKey key) => CryptographicOperations.FixedTimeEquals(Tag(key, kind, token), token.AsSpan(HourLength + RandomLength));
    }

    private static byte[] Tag(KeyEncryptionKey key, char kind, byte[] token) =>
        HMACSHA256.HashData(key.Derive(KeyPurpose.Tag, ""), [(byte)kind, .. token[..(HourLength + RandomLength)]])[..TagLength];

    private static ConnectKey KeyOf(char kind, byte[] token)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(token));
        var hour = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(token) * 3600L);
        return new ConnectKey($"{RowKeys.Hour(hour)}|{hash[..2]}", $"{kind}|{hash}");
    }
}
