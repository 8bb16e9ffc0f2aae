using System.Security.Cryptography;
using System.Text;
using Alter.Keys;
using Alter.Policies;
using Alter.Providers;

namespace Alter.Apps;

/// <summary>What reading the document came to.</summary>
/// <param name="Configuration">Null where there is any mistake: a document is used whole or not at all.</param>
/// <param name="Mistakes">Every one of them.</param>
public sealed record ConfigurationReading(VaultConfiguration? Configuration, IReadOnlyList<ConfigurationMistake> Mistakes);

/// <summary>Reads the operator's document. It never throws for what the document says, and never repeats a value of it.</summary>
public static class ConfigurationReader
{
    /// <summary>Reads and judges the whole document.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="situation">Where the vault runs.</param>
    /// <param name="folder">Where the document lies, and beside it the files it names; null: these files are not looked at.</param>
    public static ConfigurationReading Read(string json, HostSituation situation, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(situation);
        var mistakes = new List<ConfigurationMistake>();
        if (StrictDocument.Open(json, mistakes) is not { } document)
        {
            return new(null, mistakes);
        }

        _ = document.Text("$schema", "docs/alter.schema.json");
        document.NotYet("policies", "branding");
        var publicUrl = PublicUrl(document, situation, mistakes);
        var formerPublicUrl = FormerPublicUrl(document, situation, publicUrl, mistakes);

        // With a public URL that cannot be read nothing local is judged: one mistake, not ten that follow from it.
        var context = new ReadingContext(situation.IsDevelopment && !situation.IsAzure, publicUrl is null || situation.AllowsLocal(publicUrl), ProviderCatalog.BuiltIn, folder, mistakes)
        {
            // One that is wrong is there all the same: one mistake, not one for each provider that names it.
            HasFormerPublicUrl = situation.FormerPublicUrlOverride is not null || document.Has("former_public_url"),
        };
        var keyEncryption = KeyEncryption(document, context);
        var callerAddress = CallerAddressReader.Read(document);
        var audit = Audit(document);
        var identityProviders = IdentityProviders(document, context);
        var apps = Apps(document, identityProviders, context);
        var suspendedBy = Suspended(document, situation, mistakes);
        mistakes.AddRange(situation.RevealingSettings.Select(name => new ConfigurationMistake(name, "It would put codes and states into telemetry: take it away.", "(not set)")));
        document.Close();
        SharingRules.Check(apps, mistakes);
        if (mistakes.Count > 0 || publicUrl is null)
        {
            return new(null, mistakes);
        }

        var configuration = new VaultConfiguration
        {
            PublicUrl = publicUrl,
            FormerPublicUrl = formerPublicUrl,
            KeyEncryption = keyEncryption,
            CallerAddress = callerAddress,
            Audit = audit,
            IdentityProviders = [.. identityProviders.Values.OfType<IdentityProviderConfiguration>()],
            Apps = apps.ToDictionary(
                app => app.Configuration.Id,
                app => suspendedBy.Count > 0 ? app.Configuration.SuspendedBy(Suspension.All) : app.Configuration,
                StringComparer.Ordinal),
            Suspensions = [.. suspendedBy, .. apps.SelectMany(app => app.Suspensions)],
            Version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))[..12],
        };
        return new(configuration, mistakes);
    }

    // What suspends the whole vault. The setting can only stop: "false" does not resume what the document has stopped.
    private static List<string> Suspended(StrictObject document, HostSituation situation, List<ConfigurationMistake> mistakes)
    {
        var by = new List<string>();
        if (situation.Suspended is { } setting)
        {
            if (!bool.TryParse(setting, out var isSuspended))
            {
                mistakes.Add(new(HostSituation.SuspendedSetting, "It must be true or false.", "true"));
            }
            else if (isSuspended)
            {
                by.Add(HostSituation.SuspendedSetting);
            }
        }

        if (document.Flag("suspended"))
        {
            by.Add("suspended");
        }

        return by;
    }

    private static Uri? PublicUrl(StrictObject document, HostSituation situation, List<ConfigurationMistake> mistakes)
    {
        const string Example = "https://vault.acme.com";
        var written = document.Text("public_url", Example);
        var (name, raw) = situation.PublicUrlOverride is { } over ? ("ALTER_PUBLIC_URL", over)
            : document.Has("public_url") ? ("public_url", written)
            : ("public_url", situation.DefaultPublicUrl);
        if (raw is null)
        {
            return null; // Its mistake is noted.
        }

        if (AppOrigin.TryNormalize(raw, situation.IsDevelopment && !situation.IsAzure, out var origin))
        {
            return new Uri(origin);
        }

        mistakes.Add(new(name, "It must be an https origin without path and query; http only on this machine in Development.", Example));
        return null;
    }

    private static Uri? FormerPublicUrl(StrictObject document, HostSituation situation, Uri? publicUrl, List<ConfigurationMistake> mistakes)
    {
        const string Example = "https://vault-old.acme.com";
        var written = document.Text("former_public_url", Example);
        var (name, raw) = situation.FormerPublicUrlOverride is { } over ? (HostSituation.FormerPublicUrlSetting, over) : ("former_public_url", written);
        if (raw is null)
        {
            return null;
        }

        if (!AppOrigin.TryNormalize(raw, situation.IsDevelopment && !situation.IsAzure, out var origin))
        {
            mistakes.Add(new(name, "It must be an https origin without path and query; http only on this machine in Development.", Example));
            return null;
        }

        var former = new Uri(origin);
        if (former == publicUrl)
        {
            mistakes.Add(new(name, "It is the public URL itself. Leave it out where the vault is not moving.", Example));
        }
        else if (publicUrl is not null && Loopback.Is(former) != Loopback.Is(publicUrl))
        {
            mistakes.Add(new(name, "Either both public URLs are on this machine, or none.", Example)); // Who may come in from elsewhere gets nothing of Development.
        }

        return former;
    }

    private static KeyEncryptionSettings KeyEncryption(StrictObject document, ReadingContext context)
    {
        const string Example = "{ \"source\": \"key_vault\", \"secret\": \"alter-kek\" }";
        var usual = new KeyEncryptionSettings(context.AllowsLocal ? KeyEncryptionSource.Local : KeyEncryptionSource.KeyVault);
        if (document.Object("key_encryption", Example) is not { } settings)
        {
            return usual;
        }

        var source = usual.Source;
        switch (settings.Text("source", "\"key_vault\"", required: true))
        {
            case "key_vault":
                source = KeyEncryptionSource.KeyVault;
                break;
            case "local" when context.AllowsLocal:
                source = KeyEncryptionSource.Local;
                break;
            case "local":
                settings.Add("source", "A local key needs Development, a loopback public URL and no Azure.", "\"key_vault\"");
                break;
            case not null:
                settings.Add("source", "It must be \"key_vault\" or \"local\".", "\"key_vault\"");
                break;
        }

        var secret = settings.Text("secret", Forms.SecretName(), Forms.SecretNameWords, "alter-kek") ?? usual.Secret;
        settings.Close();
        return new(source, secret);
    }

    private static AuditSettings Audit(StrictObject document)
    {
        if (document.Object("audit", "{ \"retention_months\": 13 }") is not { } settings)
        {
            return new AuditSettings();
        }

        var months = settings.Number("retention_months", 1, AuditSettings.MostRetentionMonths, "13");
        settings.Close();
        return months is { } count ? new AuditSettings(count) : new AuditSettings();
    }

    private static Dictionary<string, IdentityProviderConfiguration?> IdentityProviders(StrictObject document, ReadingContext context)
    {
        const string Example = "{ \"auth0\": { \"issuer\": \"https://acme.eu.auth0.com/\", \"audiences\": [\"https://api.acme.com\"] } }";

        // One that is wrong stays as null, so that an app naming it is not told it is missing.
        var providers = new Dictionary<string, IdentityProviderConfiguration?>(StringComparer.Ordinal);
        foreach (var (id, entry) in ReadingContext.Named(document.Object("identity_providers", Example), Example))
        {
            providers[id] = entry is null ? null : IdentityProviderReader.Read(id, entry, context);
        }

        return providers;
    }

    private static List<ReadApp> Apps(StrictObject document, Dictionary<string, IdentityProviderConfiguration?> identityProviders, ReadingContext context)
    {
        const string Example = "{ \"shop\": { \"name\": \"Acme Shop\", … } }";
        var apps = new List<ReadApp>();
        foreach (var (id, entry) in ReadingContext.Named(document.Object("apps", Example, required: true), Example))
        {
            if (entry is not null)
            {
                apps.Add(AppReader.Read(id, entry, identityProviders, context));
            }
        }

        return apps;
    }
}
