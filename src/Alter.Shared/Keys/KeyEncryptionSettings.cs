namespace Alter.Keys;

/// <summary>Where the key-encryption key comes from.</summary>
/// <param name="Source">Key Vault, or a local file (Development only).</param>
/// <param name="Secret">The secret's name in Key Vault.</param>
public sealed record KeyEncryptionSettings(KeyEncryptionSource Source, string Secret = "alter-kek");

/// <summary>The kinds of key source.</summary>
public enum KeyEncryptionSource
{
    KeyVault,
    Local,
}
