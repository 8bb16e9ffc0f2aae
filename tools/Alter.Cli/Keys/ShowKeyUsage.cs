using System.CommandLine;
using System.Globalization;
using Alter.Apps;
using Alter.Cli.Check;

namespace Alter.Cli.Keys;

/// <summary><c>alter key usage</c>: each app key of the document, whether it is still good, and when it was last used.</summary>
internal static class ShowKeyUsage
{
    public static Command Command(OperatorTools tools)
    {
        var config = new Option<string?>("--config") { Description = "The document; otherwise ALTER_CONFIG, otherwise alter.json of the checkout." };
        var command = new Command("usage", "Says of each app key whether it is good and when it was last used, to within five minutes.") { config };
        command.SetAction((result, cancellationToken) => RunAsync(tools, result.GetValue(config), result.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(OperatorTools tools, string? config, TextWriter output, CancellationToken cancellationToken)
    {
        var report = new Report(output);
        var settings = OperatorSettings.Read(tools);
        var document = OperatorDocument.Read(tools, settings, config, publicUrl: null);
        report.Heading($"App keys of {document.Path}");
        if (settings.Fault is { } fault)
        {
            report.Wrong(fault);
        }

        foreach (var mistake in document.Source.Mistakes)
        {
            report.Wrong(mistake.ToString());
        }

        var (storage, unusable) = OperatorStorage.Open(tools, settings);
        if (storage is null)
        {
            report.Wrong(unusable);
        }

        if (document.Source.Current is not { } vault || storage is null)
        {
            return report.Close();
        }

        if (await storage.FindFaultAsync(cancellationToken) is { } why)
        {
            report.Wrong(why);
            return report.Close();
        }

        try
        {
            await ListAsync(vault, new KeyUseStore(storage.Tables), tools.Time.GetUtcNow(), report, cancellationToken);
        }
        catch (Exception e) when (OperatorStorage.FaultOf(e) is { } answered && !cancellationToken.IsCancellationRequested)
        {
            report.Wrong(answered);
        }

        return report.Close();
    }

    private static async Task ListAsync(VaultConfiguration vault, KeyUseStore store, DateTimeOffset now, Report report, CancellationToken cancellationToken)
    {
        var rows = new List<(string App, string Key, string Used, string State)> { ("App", "Key", "Last used", "State") };
        foreach (var app in vault.Apps.Values.OrderBy(app => app.Id, StringComparer.Ordinal))
        {
            var uses = await store.ListAsync(app.Id, cancellationToken);
            rows.AddRange(app.Keys.Select(key => (app.Id, key.Id, Used(uses, key.Id, now), State(key, now))));

            // A key id that left the document may have been used by a worker that still runs the one before.
            rows.AddRange(uses.Keys.Where(id => app.Keys.All(key => key.Id != id)).Order(StringComparer.Ordinal).Select(id => (app.Id, Shown.Text(id), Used(uses, id, now), "no longer in the document")));
        }

        var (apps, keys, used) = (rows.Max(row => row.App.Length), rows.Max(row => row.Key.Length), rows.Max(row => row.Used.Length));
        foreach (var (app, key, at, state) in rows)
        {
            report.Plain($"{app.PadRight(apps)}  {key.PadRight(keys)}  {at.PadRight(used)}  {state}".TrimEnd());
        }
    }

    private static string Used(IReadOnlyDictionary<string, DateTimeOffset> uses, string key, DateTimeOffset now) =>
        uses.TryGetValue(key, out var at) ? $"{Instant(at)}, {Shown.Span(now - at)} ago" : "never noted";

    private static string State(AppKey key, DateTimeOffset now)
    {
        var states = new List<string>();
        if (key.ExpiresAt is { } end)
        {
            states.Add(end <= now ? $"expired {Instant(end)}" : $"expires {Instant(end)}, in {Shown.Span(end - now)}");
        }

        if (key.IsDeprecated)
        {
            states.Add("deprecated");
        }

        if (key.Addresses is { } addresses)
        {
            states.Add($"only from {string.Join(' ', addresses)}");
        }

        return states.Count == 0 ? "good" : string.Join(", ", states);
    }

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
