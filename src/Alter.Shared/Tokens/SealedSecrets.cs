using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alter.Keys;
using Alter.Storage;

namespace Alter.Tokens;

/// <summary>The place a grant's secrets are sealed for: moved to any other row, provider, host or user they do not open.</summary>
/// <param name="App">The app's id.</param>
/// <param name="UserHash">The owner's full hash, hex.</param>
/// <param name="GrantId">The grant.</param>
/// <param name="Provider">The provider's id.</param>
/// <param name="AccountKey">The key of the provider account.</param>
/// <param name="EndpointParameters">The parameters that choose the provider's hosts; empty where it has none.</param>
public sealed record SealedPlace(string App, string UserHash, Guid GrantId, string Provider, string AccountKey, string EndpointParameters)
{
    /// <summary>Length-prefixed, so that no two places read alike. To be disposed of by whoever asked.</summary>
    internal LengthPrefixed AssociatedData(string field, int generation)
    {
        var parts = new LengthPrefixed(512);
        parts.Add("alter/1");
        parts.Add(App);
        parts.Add(UserHash);
        parts.Add(GrantId);
        parts.Add(Provider);
        parts.Add(AccountKey);
        parts.Add(EndpointParameters);
        parts.Add(field);
        parts.Add(generation);
        return parts;
    }
}

/// <summary>A grant's secrets in the open, for as short as possible.</summary>
public sealed record OpenSecrets(AccessToken AccessToken, RefreshToken? RefreshToken, AccountProfile Profile)
{
    /// <summary>Secrets never print.</summary>
    public override string ToString() => "[open secrets]";
}

/// <summary>
/// A grant's secrets at rest. Every write makes a fresh data key; it is wrapped by a key derived from the key-encryption key.
/// </summary>
/// <remarks>
/// <code>
///  key-encryption key (Key Vault) ─HKDF "grant", app─► wrapping key ─AES-256-GCM─► DataKey (field "dek")
///                                                      data key ────AES-256-GCM─► AccessToken "at", RefreshToken "rt", Profile "profile"
/// </code>
/// </remarks>
/// <param name="KeyVersion">The version of the key-encryption key.</param>
/// <param name="DataKey">The wrapped data key.</param>
/// <param name="AccessToken">Null once revoked or expired.</param>
/// <param name="RefreshToken">Null where there is none.</param>
/// <param name="Profile">The account profile.</param>
public sealed record SealedSecrets(string KeyVersion, byte[] DataKey, byte[]? AccessToken, byte[]? RefreshToken, byte[] Profile)
{
    private const string DataKeyField = "dek";
    private const string AccessTokenField = "at";
    private const string RefreshTokenField = "rt";
    private const string ProfileField = "profile";

    /// <summary>Seals under a fresh data key.</summary>
    public static SealedSecrets Seal(KeyEncryptionKey key, SealedPlace place, int generation, OpenSecrets secrets)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(secrets);
        using var associatedData = place.AssociatedData(DataKeyField, generation);
        var dataKey = RandomNumberGenerator.GetBytes(32);
        try
        {
            return new SealedSecrets(
                key.Version,
                SealedFormat.Seal(key.Derive(KeyPurpose.Grant, place.App), dataKey, associatedData.Written),
                SealText(secrets.AccessToken.Reveal(), AccessTokenField),
                secrets.RefreshToken is { } refresh ? SealText(refresh.Reveal(), RefreshTokenField) : null,
                SealText(JsonSerializer.Serialize(secrets.Profile), ProfileField));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }

        byte[] SealText(string text, string field)
        {
            using var fieldData = place.AssociatedData(field, generation);
            var bytes = Encoding.UTF8.GetBytes(text);
            try
            {
                return SealedFormat.Seal(dataKey, bytes, fieldData.Written);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(bytes);
            }
        }
    }

    /// <summary>The access token alone: what a call needs.</summary>
    public bool TryOpenAccessToken(KeyEncryptionKey key, SealedPlace place, int generation, out AccessToken token)
    {
        token = default;
        return TryOpen(key, place, generation, AccessToken, AccessTokenField, out var text) && Tokens.AccessToken.TryParse(text, out token);
    }

    /// <summary>The refresh token alone: what a refresh or a revocation needs.</summary>
    public bool TryOpenRefreshToken(KeyEncryptionKey key, SealedPlace place, int generation, out RefreshToken token)
    {
        token = default;
        return TryOpen(key, place, generation, RefreshToken, RefreshTokenField, out var text) && Tokens.RefreshToken.TryParse(text, out token);
    }

    /// <summary>The account profile alone: what listings need.</summary>
    public AccountProfile? TryOpenProfile(KeyEncryptionKey key, SealedPlace place, int generation) =>
        TryOpen(key, place, generation, Profile, ProfileField, out var text) ? JsonSerializer.Deserialize<AccountProfile>(text) : null;

    /// <summary>The same data key under another version of the key-encryption key; what it seals stays as it is. Null where it does not open.</summary>
    public SealedSecrets? TryRewrap(KeyEncryptionKey from, KeyEncryptionKey to, SealedPlace place, int generation)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(place);
        using var associatedData = place.AssociatedData(DataKeyField, generation);
        if (!SealedFormat.TryOpen(from.Derive(KeyPurpose.Grant, place.App), DataKey, associatedData.Written, out var dataKey))
        {
            return null;
        }

        try
        {
            return this with { KeyVersion = to.Version, DataKey = SealedFormat.Seal(to.Derive(KeyPurpose.Grant, place.App), dataKey, associatedData.Written) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>Sealed bytes never print.</summary>
    public override string ToString() => $"[sealed under {KeyVersion}]";

    private bool TryOpen(KeyEncryptionKey key, SealedPlace place, int generation, byte[]? field, string name, out string text)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(place);
        text = "";
        using var keyData = place.AssociatedData(DataKeyField, generation);
        if (field is null || !SealedFormat.TryOpen(key.Cipher(KeyPurpose.Grant, place.App), DataKey, keyData.Written, out var dataKey))
        {
            return false;
        }

        try
        {
            using var fieldData = place.AssociatedData(name, generation);
            if (dataKey.Length != 32 || !SealedFormat.TryOpen(dataKey, field, fieldData.Written, out var bytes))
            {
                return false;
            }

            text = Encoding.UTF8.GetString(bytes);
            CryptographicOperations.ZeroMemory(bytes);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }
}
