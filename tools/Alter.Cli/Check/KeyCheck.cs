using Alter.Apps;
using Alter.Keys;
using Azure;
using Azure.Identity;

namespace Alter.Cli.Check;

/// <summary>Whether the key-encryption key could be used. The key itself is shown to nobody, and never made here.</summary>
internal sealed class KeyCheck(OperatorTools tools, OperatorSettings settings, bool isOffline)
{
    private const string VaultSetting = "ALTER_KEK_VAULT_URI";

    public async Task RunAsync(VaultConfiguration vault, Report report, CancellationToken cancellationToken)
    {
        report.Heading("Key-encryption key");
        if (vault.KeyEncryption.Source is KeyEncryptionSource.Local)
        {
            await LocalAsync(report, cancellationToken);
        }
        else if (!Uri.TryCreate(settings.All[VaultSetting], UriKind.Absolute, out var uri))
        {
            report.Unknown($"Key Vault secret {vault.KeyEncryption.Secret}: set {VaultSetting} to look for it from here.");
        }
        else if (uri.Scheme != Uri.UriSchemeHttps)
        {
            report.Wrong($"{VaultSetting} must be an https URL.");
        }
        else if (isOffline)
        {
            report.Unknown($"Key Vault secret {vault.KeyEncryption.Secret} at {uri.Host}: not asked (--offline).");
        }
        else
        {
            await AskAsync(new KeyVaultKeySource(tools.KeyVault(uri), vault.KeyEncryption.Secret), $"Key Vault secret {vault.KeyEncryption.Secret} at {uri.Host}", report, cancellationToken);
        }
    }

    private async Task LocalAsync(Report report, CancellationToken cancellationToken)
    {
        var path = Path.Combine(settings.All["ALTER_STATE_DIRECTORY"] ?? Path.Combine(settings.Root, ".alter"), "kek");
        if (File.Exists(path))
        {
            await AskAsync(new LocalKeySource(path), $"local, {path}", report, cancellationToken);
        }
        else
        {
            report.Right($"local, made at the first start: {path}");
        }
    }

    private static async Task AskAsync(IKeySource source, string name, Report report, CancellationToken cancellationToken)
    {
        try
        {
            var key = await source.ReadCurrentAsync(cancellationToken);
            report.Right($"{name}, version {key.Version[..8]}…");
        }
        catch (KeySourceException e) when (e.InnerException is AuthenticationFailedException or AggregateException { InnerException: AuthenticationFailedException })
        {
            report.Wrong($"{name}: sign in first, with az login or azd auth login.");
        }
        catch (KeySourceException e) when (e.InnerException is RequestFailedException { Status: 403 })
        {
            // The vault's own identity may well have the right that the operator lacks.
            report.Unknown($"{name}: you have no right to read it, so only the vault's /health/ready can tell.");
        }
        catch (Exception e) when (e is KeySourceException or IOException or UnauthorizedAccessException)
        {
            report.Wrong($"{name}: {e.Message}");
        }
    }
}
