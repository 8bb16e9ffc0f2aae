using System.CommandLine;
using Alter.Cli.Check;

namespace Alter.Cli.Smoke;

/// <summary><c>alter smoke</c>: waits for a deployed vault, then says what only its real platform can tell. Changes nothing there.</summary>
internal static class SmokeTest
{
    private const string PublicSetting = "ALTER_PUBLIC_ORIGIN"; // An output of the template, like the other.
    private const string VaultSetting = "SERVICE_VAULT_URI";

    public static Command Command(OperatorTools tools)
    {
        var url = new Argument<string?>("url") { Arity = ArgumentArity.ZeroOrOne, Description = $"The vault's origin; otherwise {VaultSetting}, as azd sets it." };
        var config = new Option<string?>("--config") { Description = "The document; otherwise ALTER_CONFIG, otherwise alter.json of the checkout." };
        var patience = new Option<int>("--patience") { Description = "Minutes to wait for readiness, and again for telemetry; 10 where it is left out.", DefaultValueFactory = _ => 10 };
        var provider = new Option<string?>("--provider") { Description = "With ALTER_API_KEY, and ALTER_USER_TOKEN where the app has users: a provider that is connected." };
        var echo = new Option<string?>("--echo-url") { Description = "An address of that provider that answers with the headers it was sent." };
        var upload = new Option<string?>("--upload-url") { Description = "One that takes a POST of a megabyte." };
        var stream = new Option<string?>("--stream-url") { Description = "One that streams for more than four minutes." };
        var command = new Command("smoke", "Waits for a deployed vault and says what only the platform it runs on can tell.") { url, config, patience, provider, echo, upload, stream };
        command.SetAction((result, cancellationToken) => RunAsync(
            tools,
            new SmokeOptions(
                result.GetValue(url),
                result.GetValue(config),
                TimeSpan.FromMinutes(Math.Clamp(result.GetValue(patience), 0, 60)),
                result.GetValue(provider),
                result.GetValue(echo),
                result.GetValue(upload),
                result.GetValue(stream)),
            new Report(result.InvocationConfiguration.Output),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(OperatorTools tools, SmokeOptions options, Report report, CancellationToken cancellationToken)
    {
        var settings = OperatorSettings.Read(tools);
        if (!Uri.TryCreate(options.Url ?? settings.All[VaultSetting], UriKind.Absolute, out var origin) || origin.Scheme is not ("https" or "http"))
        {
            report.Heading("Vault");
            report.Wrong($"Name it: ./alter smoke https://func-….azurewebsites.net, or set {VaultSetting}.");
            return report.Close();
        }

        using var vault = new SmokedVault(origin);
        if (!await new ReadinessWait(vault, tools.Time, options.Patience).RunAsync(report, cancellationToken))
        {
            return report.Close();
        }

        var search = new MarkerSearch(vault, new LogsQuery(tools, settings), tools.Time, options.Patience);
        await search.PlantAsync(cancellationToken);
        await new FrontEndLook(vault).RunAsync(report, cancellationToken);
        await new UploadLook(vault).RunAsync(report, cancellationToken);
        await new GrantedLook(vault, options, settings).RunAsync(report, cancellationToken);
        await search.RunAsync(report, cancellationToken);
        var publicOrigin = PublicOrigin(settings, origin);
        Next(OperatorDocument.Read(tools, settings, options.Config, publicOrigin), publicOrigin, report);
        return report.Close();
    }

    // The deployment is asked at its own address; its users and providers know it by the one that was chosen for it, where one was.
    private static string PublicOrigin(OperatorSettings settings, Uri origin) =>
        settings.Exported[PublicSetting] is { Length: > 0 } known
        && Uri.TryCreate(settings.Exported[VaultSetting], UriKind.Absolute, out var deployed)
        && deployed.GetLeftPart(UriPartial.Authority) == origin.GetLeftPart(UriPartial.Authority)
            ? known
            : origin.GetLeftPart(UriPartial.Authority);

    private static void Next(OperatorDocument document, string publicOrigin, Report report)
    {
        report.Heading("Next");
        report.Plain(document.Source.Current is { Apps.Count: > 0 }
            ? $"./alter check --public-url {publicOrigin}   the redirect URIs to register, the secrets still missing"
            : "Describe your app in alter.json (docs/deploy.md, step 4), then: azd deploy");
    }
}

/// <summary>What was asked for on the command line.</summary>
/// <param name="Url">The vault's origin.</param>
/// <param name="Config">The document.</param>
/// <param name="Patience">How long to wait for readiness, and again for telemetry.</param>
/// <param name="Provider">A connected provider.</param>
/// <param name="EchoUrl">Answers with the headers it was sent.</param>
/// <param name="UploadUrl">Takes a POST.</param>
/// <param name="StreamUrl">Streams for minutes.</param>
internal sealed record SmokeOptions(string? Url, string? Config, TimeSpan Patience, string? Provider, string? EchoUrl, string? UploadUrl, string? StreamUrl);
