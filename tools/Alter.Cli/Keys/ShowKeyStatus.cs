using System.CommandLine;
using Alter.Cli.Check;
using Alter.Grants;
using Alter.Keys;
using Alter.Storage;

namespace Alter.Cli.Keys;

/// <summary><c>alter keys status</c>: how many grants need each version of the key-encryption key, and which version can be disabled.</summary>
internal static class ShowKeyStatus
{
    public static Command Command(OperatorTools tools)
    {
        var config = new Option<string?>("--config") { Description = "The document; otherwise ALTER_CONFIG, otherwise alter.json of the checkout." };
        var status = new Command("status", "Says how many grants need each version of the key, and which version can be disabled. Exit code: 0 nothing to wait for, 2 wait, 1 a problem.") { config };
        status.SetAction((result, cancellationToken) => RunAsync(tools, result.GetValue(config), new Report(result.InvocationConfiguration.Output), cancellationToken));
        return new Command("keys", "The versions of the key-encryption key.") { status };
    }

    private static async Task<int> RunAsync(OperatorTools tools, string? config, Report report, CancellationToken cancellationToken)
    {
        var settings = OperatorSettings.Read(tools);
        report.Heading("Key-encryption key");
        if (settings.Fault is { } fault)
        {
            report.Wrong(fault);
        }

        var document = OperatorDocument.Read(tools, settings, config, publicUrl: null);
        var versions = await new KeyVersions(tools, settings).ListAsync(document, report, cancellationToken);
        var verdicts = new KeyVerdicts(report, tools.Time.GetUtcNow());
        var (storage, unusable) = OperatorStorage.Open(tools, settings);
        if (storage is null)
        {
            report.Wrong($"{unusable} Without the vault's storage nothing is known of its grants.");
        }
        else
        {
            try
            {
                verdicts.Give(await new RewrapProgressStore(storage.Tables).FindAsync(cancellationToken), versions);
            }
            catch (Exception e) when (OperatorStorage.FaultOf(e) is { } why && !cancellationToken.IsCancellationRequested)
            {
                report.Wrong(why);
            }
        }

        if (report.Problems > 0 || !verdicts.IsWaiting)
        {
            return report.Close();
        }

        report.Heading("Nothing is wrong, but not all is done: ask again later.");
        return 2;
    }
}
