using System.Security.Cryptography;
using Alter.Cli.Check;
using Alter.Forwarding;

namespace Alter.Cli.Smoke;

/// <summary>
/// Sends words that nobody else ever used in the places secrets travel in, then looks for them in everything the workspace stored. A word in a path, where logs
/// may hold it, tells when telemetry has arrived: a search that does not find that one proves nothing.
/// </summary>
internal sealed class MarkerSearch(SmokedVault vault, LogsQuery logs, TimeProvider time, TimeSpan patience)
{
    internal const string Control = "path";

    // Requests are sampled, so one would hardly be seen.
    private const int Repeats = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly string run = $"smoke{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    /// <summary>Sends the words.</summary>
    public async Task PlantAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Repeats; i++)
        {
            using var callback = new HttpRequestMessage(HttpMethod.Get, new Uri(vault.Origin, $"/oauth/callback/smoke/smoke?state={run}state&code={run}code"));
            using var call = new HttpRequestMessage(HttpMethod.Get, new Uri(vault.Origin, "/sdk/proxy"));
            call.Headers.TryAddWithoutValidation("Authorization", $"Bearer {run}key");
            call.Headers.TryAddWithoutValidation(ControlHeaders.UserToken, $"{run}jwt");
            call.Headers.TryAddWithoutValidation(ControlHeaders.Url, $"https://provider.example/?access_token={run}query");
            using var control = new HttpRequestMessage(HttpMethod.Get, new Uri(vault.Origin, $"/no/{run}{Control}"));
            foreach (var request in new[] { callback, call, control })
            {
                try
                {
                    await vault.SendAsync(request, cancellationToken);
                }
                catch (HttpRequestException)
                {
                    // That one is not searched for, then; the others are.
                }
            }
        }
    }

    /// <summary>Looks for them, until the one in the path is there.</summary>
    public async Task RunAsync(Report report, CancellationToken cancellationToken)
    {
        report.Heading("Telemetry");
        if (logs.Unusable is { } why)
        {
            report.Unknown($"not searched: {why}");
            return;
        }

        var begun = time.GetUtcNow();
        while (true)
        {
            if (!(await logs.RunAsync(Query, cancellationToken)).Succeeded(out var found, out var fault))
            {
                report.Unknown($"not searched: {fault.Detail}");
                return;
            }

            // One pause after the path's word was seen, so that what is logged later by a little is there too.
            var isThere = found.Any(row => row[1] == Control);
            if (found.Any(row => row[1] != Control) || time.GetUtcNow() - begun >= patience)
            {
                Say(found, isThere, report);
                return;
            }

            await Task.Delay(Pause, time, cancellationToken);
            if (isThere && (await logs.RunAsync(Query, cancellationToken)).Succeeded(out var last, out _))
            {
                Say(last, isThere: true, report);
                return;
            }
        }
    }

    private void Say(List<string[]> found, bool isThere, Report report)
    {
        var leaks = found.Where(row => row[1] != Control).ToList();
        foreach (var row in leaks)
        {
            report.Wrong($"what was sent as {row[1]} stands in {row[2]} rows of {row[0]}: secrets are logged there");
        }

        if (isThere && leaks.Count == 0)
        {
            report.Right($"the path that was called is logged ({string.Join(", ", found.Select(row => row[0]).Distinct())}); code, state, key, JWT and query are not");
        }
        else if (leaks.Count == 0)
        {
            report.Unknown("nothing of these requests has arrived yet, so that nothing was found proves nothing. Later:");
            report.Plain($"    az monitor log-analytics query -w {logs.Workspace} --analytics-query '{Query}'");
        }
    }

    // Columns: table, place, rows. search goes over every table, known today or not.
    private string Query =>
        $"search \"{run}*\" | extend places = extract_all(\"{run}([a-z]+)\", tostring(pack_all())) | mv-expand place = places to typeof(string) | summarize rows = count() by table = $table, place";
}
