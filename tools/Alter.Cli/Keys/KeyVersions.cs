using Alter.Keys;
using Azure;
using Azure.Identity;

namespace Alter.Cli.Keys;

/// <summary>The versions of the key-encryption key as their source tells of them. No key is read, and none made.</summary>
internal sealed class KeyVersions(OperatorTools tools, OperatorSettings settings)
{
    private const string VaultSetting = "ALTER_KEK_VAULT_URI";
    private const string NotThisMachines = $"Set {VaultSetting}: the storage is a deployment's, and the key of this machine is not its.";

    /// <summary>The oldest first; null where they cannot be looked up from here, which is said.</summary>
    public async Task<IReadOnlyList<KeyVersion>?> ListAsync(OperatorDocument document, Check.Report report, CancellationToken cancellationToken)
    {
        if (document.Source.Current?.KeyEncryption is not { } encryption)
        {
            report.Unknown($"{document.Path} cannot be read (./alter check says why), so the versions are not looked up.");
            return null;
        }

        if (IsLocal(encryption))
        {
            if (settings.HasDeployedStorage)
            {
                return Unknown(NotThisMachines);
            }

            var path = Path.Combine(settings.All["ALTER_STATE_DIRECTORY"] ?? Path.Combine(settings.Root, ".alter"), "kek");
            return File.Exists(path) ? await AskAsync(new LocalKeySource(path), $"local, {path}", report, cancellationToken) : Unknown($"local, made at the first start: {path}");
        }

        return Uri.TryCreate(settings.All[VaultSetting], UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            ? await AskAsync(new KeyVaultKeySource(tools.KeyVault(uri), encryption.Secret), $"Key Vault secret {encryption.Secret} at {uri.Host}", report, cancellationToken)
            : Unknown($"Key Vault secret {encryption.Secret}: set {VaultSetting} to look its versions up from here.");

        IReadOnlyList<KeyVersion>? Unknown(string text)
        {
            report.Unknown(text);
            return null;
        }
    }

    /// <summary>Where the keys themselves are read; nothing is made. Null where they cannot be from here, and why.</summary>
    public IKeySource? Open(OperatorDocument document, out string fault)
    {
        fault = "";
        if (document.Source.Current?.KeyEncryption is not { } encryption)
        {
            fault = $"{document.Path} cannot be read (./alter check says why), so it is not known where the keys are.";
            return null;
        }

        if (IsLocal(encryption))
        {
            if (settings.HasDeployedStorage)
            {
                fault = NotThisMachines;
                return null;
            }

            var path = Path.Combine(settings.All["ALTER_STATE_DIRECTORY"] ?? Path.Combine(settings.Root, ".alter"), "kek");
            fault = $"There is no key at {path}: it is made at the vault's first start.";
            return File.Exists(path) ? new LocalKeySource(path) : null;
        }

        fault = $"Set {VaultSetting}: the record is checked with the vault's key (secret {encryption.Secret}), which you need the right to read.";
        return Uri.TryCreate(settings.All[VaultSetting], UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            ? new KeyVaultKeySource(tools.KeyVault(uri), encryption.Secret)
            : null;
    }

    // Who names a Key Vault means it, whatever this machine would read the document as.
    private bool IsLocal(KeyEncryptionSettings encryption) => encryption.Source is KeyEncryptionSource.Local && string.IsNullOrEmpty(settings.All[VaultSetting]);

    private static async Task<IReadOnlyList<KeyVersion>?> AskAsync(IKeySource source, string name, Check.Report report, CancellationToken cancellationToken)
    {
        try
        {
            var versions = await source.ListVersionsAsync(cancellationToken);
            report.Right(name);
            return versions;
        }
        catch (KeySourceException e) when (e.InnerException is AuthenticationFailedException or AggregateException { InnerException: AuthenticationFailedException })
        {
            report.Unknown($"{name}: sign in first, with az login or azd auth login, to have its versions looked up.");
        }
        catch (KeySourceException e) when (e.InnerException is RequestFailedException { Status: 403 })
        {
            report.Unknown($"{name}: you have no right to list its versions (Key Vault Reader).");
        }
        catch (Exception e) when (e is KeySourceException or IOException or UnauthorizedAccessException)
        {
            report.Unknown($"{name}: {e.Message}");
        }

        return null;
    }
}
