using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Alter.Grants;
using Alter.Keys;
using Alter.Storage;

namespace Alter.Connect;

/// <summary>
/// What only the browser that brought a session's pending grants is given: an HMAC-SHA256 over session, user and browser. It is computed anew wherever
/// it is needed and stored nowhere, so no crash can lose it and no table can leak it.
/// </summary>
internal static class CompletionCode
{
    private const int TextLength = 43; // base64url of 32 bytes

    /// <summary>The code of a pending grant.</summary>
    /// <param name="key">The key that sealed the grant.</param>
    /// <param name="pending">Its row, authenticated.</param>
    internal static string Of(KeyEncryptionKey key, Grant pending) => Base64Url.EncodeToString(HMACSHA256.HashData(
        key.Derive(KeyPurpose.Completion, pending.Place.App),
        DeploymentSalt.LengthPrefixed("alter/1", "completion", pending.Place.App, pending.Place.UserHash, GrantRow.SessionOf(pending.Key.Row), pending.Browser ?? "")));

    /// <summary>Whether a text can be a code at all.</summary>
    internal static bool IsFormed(string? code) => code is { Length: TextLength } && Base64Url.IsValid(code);

    /// <summary>Compares without telling where the difference is.</summary>
    internal static bool Matches(string code, KeyEncryptionKey key, Grant pending) =>
        pending.Browser is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(code), Encoding.ASCII.GetBytes(Of(key, pending)));
}
