using Alter.Apps;
using Azure.Security.KeyVault.Secrets;

namespace Alter.Cli.Check;

/// <summary>Whether every secret the document names is there. Names are printed, values never.</summary>
internal sealed class SecretCheck(OperatorTools tools, OperatorSettings settings, bool isOffline)
{
    private const string VaultSetting = "ALTER_SECRETS_VAULT_URI";

    public async Task RunAsync(VaultConfiguration vault, bool isDeployed, Report report, CancellationToken cancellationToken)
    {
        var names = vault.SecretNames;
        if (names.Count == 0)
        {
            return;
        }

        report.Heading("Secrets");
        var keyVault = KeyVault(report);
        var known = settings.Of(isDeployed);
        var store = new SecretStore(known, isOffline ? null : keyVault, tools.Time);
        foreach (var name in names)
        {
            var setting = SecretStore.SettingOf(name);
            var isSetting = known[setting] is { Length: > 0 };
            if (!isSetting && isOffline && keyVault is not null)
            {
                report.Unknown($"{name}: Key Vault not asked (--offline)");
            }
            else if (!isSetting && isDeployed && keyVault is null)
            {
                // The deployment has a Key Vault of its own; this machine just does not know it.
                report.Unknown($"{name}: set {VaultSetting} to look for it from here, or {setting}");
            }
            else if ((await store.GetAsync(name, cancellationToken)).Succeeded(out _, out var refusal))
            {
                report.Right($"{name}: {(isSetting ? $"setting {setting}" : "Key Vault")}");
            }
            else
            {
                report.Wrong($"{name}: {refusal.Detail}");
            }
        }
    }

    private SecretClient? KeyVault(Report report)
    {
        var text = settings.All[VaultSetting];
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps)
        {
            return tools.KeyVault(uri);
        }

        report.Wrong($"{VaultSetting} must be an https URL.");
        return null;
    }
}
