using System.CommandLine;
using Alter.Apps;
using Alter.Egress;

namespace Alter.Cli.Check;

/// <summary><c>alter check</c>: says everything that would keep the vault from working with this document, and what to paste at the providers.</summary>
internal static class CheckDocument
{
    public static Command Command(OperatorTools tools)
    {
        var config = new Option<string?>("--config") { Description = "The document; otherwise ALTER_CONFIG, otherwise alter.json of the checkout." };
        var publicUrl = new Option<string?>("--public-url") { Description = "Judge the document as the vault at this address would; otherwise ALTER_PUBLIC_URL, otherwise azd's ALTER_PUBLIC_ORIGIN, otherwise the document's own." };
        var offline = new Option<bool>("--offline") { Description = "Ask nobody: no Key Vault, no identity provider, no issuer." };
        var command = new Command("check", "Checks alter.json, its secrets, keys and issuers, and prints every redirect URI.") { config, publicUrl, offline };
        command.SetAction((result, cancellationToken) => RunAsync(
            tools, result.GetValue(config), result.GetValue(publicUrl), result.GetValue(offline), new Report(result.InvocationConfiguration.Output), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(OperatorTools tools, string? config, string? publicUrl, bool isOffline, Report report, CancellationToken cancellationToken)
    {
        var settings = OperatorSettings.Read(tools);
        var document = OperatorDocument.Read(tools, settings, config, publicUrl);
        report.Heading($"Document {document.Path}");
        if (settings.Fault is { } fault)
        {
            report.Wrong(fault);
        }

        foreach (var mistake in document.Source.Mistakes)
        {
            report.Wrong(mistake.ToString());
        }

        if (document.Source.Current is not { } vault)
        {
            return report.Close(); // A document is used whole or not at all: nothing else would be true of it.
        }

        report.Right($"read as {(document.IsDeployed ? "a deployment" : "Development on this machine")} at {vault.PublicOrigin} would (version {vault.Version})");
        if (vault.Apps.Count == 0)
        {
            report.Unknown("There is no app yet: docs/configuration.md shows one.");
        }

        foreach (var suspension in vault.Suspensions)
        {
            report.Noted($"{suspension} is true: suspended, until it is taken out or false again.");
        }

        if (vault.FormerPublicOrigin is { } former)
        {
            var left = vault.Apps.Values.Sum(app => app.Providers.Values.Count(provider => provider.IsRegisteredAtFormer));
            report.Noted($"{former} is accepted too, while the vault moves; {left} providers of apps still lead back there.");
        }

        PolicyCheck.Run(vault, tools.Time.GetUtcNow(), report);
        await new KeyCheck(tools, settings, isOffline).RunAsync(vault, report, cancellationToken);
        await new SecretCheck(tools, settings, isOffline).RunAsync(vault, document.IsDeployed, report, cancellationToken);
        using var handlers = new EgressHandlers();
        await new IssuerCheck(new EgressClient(handlers, tools.Time), tools.Time, isOffline).RunAsync(vault, report, cancellationToken);
        RedirectUris(vault, report);
        return report.Close();
    }

    private static void RedirectUris(VaultConfiguration vault, Report report)
    {
        Print("Redirect URIs, to paste at each provider", [.. from app in vault.Apps.Values
                                                              from provider in app.Providers.Keys
                                                              select ($"{app.Id} {provider}", vault.RedirectUri(app.Id, provider))], report);
        Print("Redirect URIs of the sign-in, to paste at each identity provider", [.. from app in vault.Apps.Values
                                                                                      from provider in app.IdentityProviders
                                                                                      where provider.SignIn is not null
                                                                                      select ($"{app.Id} {provider.Id}", vault.SignInRedirectUri(app.Id, provider.Id))], report);
        Print("Redirect URIs of the Wallet, to paste there too", [.. from provider in vault.Apps.Values.SelectMany(app => app.IdentityProviders).DistinctBy(provider => provider.Id)
                                                                     where provider.SignIn is not null
                                                                     select (provider.Id, vault.WalletRedirectUri(provider.Id))], report);
    }

    private static void Print(string heading, List<(string Name, Uri Uri)> rows, Report report)
    {
        if (rows.Count == 0)
        {
            return;
        }

        report.Heading(heading);
        var width = rows.Max(row => row.Name.Length);
        foreach (var (name, uri) in rows.OrderBy(row => row.Name, StringComparer.Ordinal))
        {
            report.Plain($"{name.PadRight(width)}  {uri}");
        }
    }
}
