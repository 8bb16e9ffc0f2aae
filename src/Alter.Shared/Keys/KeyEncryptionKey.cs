using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Alter.Keys;

/// <summary>
/// One version of the key-encryption key. It is never used itself: every purpose and app has its own key, derived by HKDF-SHA256 (RFC 5869).
/// </summary>
public sealed partial class KeyEncryptionKey
{
    private const int MostDerived = 10_000;

    private readonly byte[] material;
    private readonly ConcurrentDictionary<(string Purpose, string App), byte[]> derived = new();

    /// <param name="version">32 lower-case hex digits: the secret's version in Key Vault.</param>
    /// <param name="secret">The secret: exactly 64 lower-case hex digits.</param>
    /// <exception cref="KeySourceException">The secret or version is of another form.</exception>
    public KeyEncryptionKey(string version, string secret)
    {
        if (!VersionPattern.IsMatch(version) || !SecretPattern.IsMatch(secret))
        {
            throw new KeySourceException("The key-encryption key is not 64 lower-case hex digits (make one with: openssl rand -hex 32).");
        }

        Version = version;
        material = Convert.FromHexString(secret);
    }

    /// <summary>32 lower-case hex digits.</summary>
    public string Version { get; }

    /// <summary>What a row may claim as a version before it drives an outgoing call.</summary>
    [GeneratedRegex("^[0-9a-f]{32}\\z")]
    public static partial Regex VersionPattern { get; }

    [GeneratedRegex("^[0-9a-f]{64}\\z")]
    private static partial Regex SecretPattern { get; }

    /// <summary>The 32-byte key of one purpose in one app. Shared: never written to, never cleared by a caller.</summary>
    /// <param name="purpose">One of <see cref="KeyPurpose"/>.</param>
    /// <param name="app">The app's id; empty for keys of the whole deployment.</param>
    public ReadOnlySpan<byte> Derive(string purpose, string app) => Derived(purpose, app);

    /// <summary>HMAC-SHA256 under the key of one purpose in one app.</summary>
    /// <param name="purpose">One of <see cref="KeyPurpose"/>.</param>
    /// <param name="app">The app's id; empty for keys of the whole deployment.</param>
    /// <param name="data">What it covers.</param>
    internal byte[] Mac(string purpose, string app, ReadOnlySpan<byte> data) => KeptKeys.HmacSha256(Derived(purpose, app), data);

    /// <summary>AES-256-GCM under the key of one purpose in one app, for this thread; used at once and not kept.</summary>
    /// <param name="purpose">One of <see cref="KeyPurpose"/>.</param>
    /// <param name="app">The app's id; empty for keys of the whole deployment.</param>
    internal AesGcm Cipher(string purpose, string app) => KeptKeys.Aes256Gcm(Derived(purpose, app));

    private byte[] Derived(string purpose, string app)
    {
        if (derived.TryGetValue((purpose, app), out var known))
        {
            return known;
        }

        if (derived.Count >= MostDerived)
        {
            derived.Clear(); // Bounded: the key that tells a forged row is derived for the app that the row names.
        }

        return derived.GetOrAdd(
            (purpose, app),
            static (key, material) => HKDF.DeriveKey(HashAlgorithmName.SHA256, material, 32, info: Encoding.UTF8.GetBytes($"alter/1|{key.Purpose}|{key.App}")),
            material);
    }

    /// <summary>A key never prints.</summary>
    public override string ToString() => $"[key-encryption key {Version}]";
}

/// <summary>What keys are derived for.</summary>
public static class KeyPurpose
{
    /// <summary>Wraps the data keys of grants.</summary>
    public const string Grant = "grant";

    /// <summary>Authenticates rows.</summary>
    public const string Row = "row";

    /// <summary>Seals new tokens that travel by queue while tables do not take them.</summary>
    public const string Spill = "spill";

    /// <summary>Seals what a Connect flow keeps for its callback.</summary>
    public const string Flow = "flow";

    /// <summary>Authenticates entries and seals of the record.</summary>
    public const string Audit = "audit";

    /// <summary>Seals list cursors.</summary>
    public const string Cursor = "cursor";

    /// <summary>Seals cookies, so that any instance opens them.</summary>
    public const string Cookie = "cookie";

    /// <summary>Makes the codes by which an app's backend completes what a browser connected.</summary>
    public const string Completion = "completion";

    /// <summary>Tags session tokens and states, so that junk is refused without a storage read.</summary>
    public const string Tag = "tag";
}

/// <summary>The source of keys cannot be used; says why, never with a key in it.</summary>
public sealed class KeySourceException(string message, Exception? inner = null) : Exception(message, inner);
