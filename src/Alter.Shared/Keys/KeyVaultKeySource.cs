using Azure;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace Alter.Keys;

/// <summary>The key-encryption key as a secret of Key Vault; each version of the secret is a version of the key.</summary>
public sealed class KeyVaultKeySource(SecretClient vault, string secretName) : IKeySource
{
    public Task<KeyEncryptionKey> ReadCurrentAsync(CancellationToken cancellationToken) => ReadAsync(null, cancellationToken);

    public async Task<KeyEncryptionKey?> ReadVersionAsync(string version, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(version, cancellationToken);
        }
        catch (KeySourceException e) when (e.InnerException is RequestFailedException { Status: 404 } or RequestFailedException { Status: 403, ErrorCode: "Forbidden" })
        {
            return null; // Gone, or disabled (Key Vault answers 403 for a disabled version).
        }
    }

    public async Task<KeyEncryptionKey?> ReadPreviousAsync(KeyEncryptionKey current, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        try
        {
            SecretProperties? newest = null;
            await foreach (var version in vault.GetPropertiesOfSecretVersionsAsync(secretName, cancellationToken))
            {
                if (version.Enabled is true && version.Version != current.Version && (newest is null || version.CreatedOn > newest.CreatedOn))
                {
                    newest = version;
                }
            }

            return newest is null ? null : await ReadVersionAsync(newest.Version, cancellationToken);
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException)
        {
            throw Unusable(e);
        }
    }

    private async Task<KeyEncryptionKey> ReadAsync(string? version, CancellationToken cancellationToken)
    {
        try
        {
            var secret = (await vault.GetSecretAsync(secretName, version, cancellationToken: cancellationToken)).Value;
            return new KeyEncryptionKey(secret.Properties.Version, secret.Value);
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException)
        {
            throw Unusable(e);
        }
    }

    private KeySourceException Unusable(Exception e) => new(
        e switch
        {
            RequestFailedException { Status: 401 or 403 } => $"No right to read secret {secretName}; role assignments can take 10 minutes.",
            RequestFailedException { Status: 404 } => $"Key Vault has no secret {secretName}.",
            AuthenticationFailedException => "The managed identity could not sign in to read the key-encryption key.",
            _ => "Key Vault does not answer.",
        },
        e);
}
