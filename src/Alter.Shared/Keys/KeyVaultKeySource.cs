using Azure;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace Alter.Keys;

/// <summary>The key-encryption key as a secret of Key Vault; each version of the secret is a version of the key.</summary>
public sealed class KeyVaultKeySource(SecretClient vault, string secretName) : IKeySource
{
    // The client's own patience is minutes, and calls wait behind it.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public Task<KeyEncryptionKey> ReadCurrentAsync(CancellationToken cancellationToken) => ReadAsync(null, cancellationToken);

    public async Task<KeyEncryptionKey?> ReadVersionAsync(string version, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(version, cancellationToken);
        }
        catch (KeySourceException e) when (e.InnerException is RequestFailedException { Status: 404 })
        {
            return null;
        }
        catch (KeySourceException e) when (e.InnerException is RequestFailedException { Status: 403 })
        {
            // A disabled version, or a right or firewall rule that is missing: only the former says that the key is out of use.
            if ((await VersionsAsync(cancellationToken)).Exists(other => other.Version == version && other.Enabled is false))
            {
                return null;
            }

            throw;
        }
    }

    public async Task<KeyEncryptionKey?> ReadPreviousAsync(KeyEncryptionKey current, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        var others = (await VersionsAsync(cancellationToken)).Where(version => version.Enabled is true && version.Version != current.Version);
        return others.MaxBy(version => version.CreatedOn) is { } newest ? await ReadVersionAsync(newest.Version, cancellationToken) : null;
    }

    public async Task<IReadOnlyList<KeyVersion>> ListVersionsAsync(CancellationToken cancellationToken) =>
        [.. (await VersionsAsync(cancellationToken)).OrderBy(version => version.CreatedOn).Select(version => new KeyVersion(version.Version, version.Enabled is true, version.CreatedOn))];

    private Task<KeyEncryptionKey> ReadAsync(string? version, CancellationToken cancellationToken) => AskAsync(
        async token =>
        {
            var secret = (await vault.GetSecretAsync(secretName, version, cancellationToken: token)).Value;
            return new KeyEncryptionKey(secret.Properties.Version, secret.Value);
        },
        cancellationToken);

    private Task<List<SecretProperties>> VersionsAsync(CancellationToken cancellationToken) => AskAsync(
        async token =>
        {
            var versions = new List<SecretProperties>();
            await foreach (var version in vault.GetPropertiesOfSecretVersionsAsync(secretName, token))
            {
                versions.Add(version);
            }

            return versions;
        },
        cancellationToken);

    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        try
        {
            return await ask(deadline.Token);
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or AggregateException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Unusable(e); // AggregateException: the client gave up after its retries.
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
