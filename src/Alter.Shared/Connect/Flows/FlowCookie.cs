using System.Buffers.Text;
using System.Security.Cryptography;

namespace Alter.Connect;

/// <summary>Binds a flow to the browser that began it: 256 random bits in a <c>__Host-</c> cookie, of which only the hash is stored.</summary>
public static class FlowCookie
{
    public const string Name = "__Host-alter-flow";

    private const int TextLength = 43;

    /// <summary>A new value.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The hash of a value as a browser sent it; null where it cannot be one of ours.</summary>
    public static string? Hash(string? value) =>
        value is { Length: TextLength } && Base64Url.IsValid(value) ? Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(value))) : null;

    /// <summary>Compares without telling where the difference is.</summary>
    public static bool Matches(string? hash, string expected) =>
        hash is not null && CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(hash), System.Text.Encoding.ASCII.GetBytes(expected));
}
