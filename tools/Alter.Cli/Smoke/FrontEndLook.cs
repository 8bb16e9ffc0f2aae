using Alter.Cli.Check;
using Alter.Providers;

namespace Alter.Cli.Smoke;

/// <summary>What the platform's front end and the Functions host do to requests that need no key.</summary>
internal sealed class FrontEndLook(SmokedVault vault)
{
    // What the vault itself answers with; the rest was added on the way.
    private static readonly HashSet<string> Own = new(
        ["X-Alter-Request-Id", "X-Alter-Error", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control", "Date", "Transfer-Encoding", "Allow", "Connection"], StringComparer.OrdinalIgnoreCase);

    public async Task RunAsync(Report report, CancellationToken cancellationToken)
    {
        report.Heading("Front end");
        await report.TryAsync("http", () => HttpAsync(report, cancellationToken));
        await report.TryAsync("/", async () => Say(await vault.GetAsync("/", cancellationToken), "/ shows no page", answer => answer.Status is 204 or 404, report));
        await report.TryAsync("An unknown path", async () =>
        {
            var answer = await vault.GetAsync("/no/such/path", cancellationToken);
            Say(answer, "An unknown path", one => one is { Status: 404, IsVaults: true, Code: "not_found" }, report);
            report.Plain($"    headers added on the way: {Shown.Texts([.. answer.Headers.Where(name => !Own.Contains(name))])}");
        });
        await report.TryAsync("A wrong method", async () => Say(
            await vault.SendAsync(new HttpRequestMessage(HttpMethod.Delete, new Uri(vault.Origin, "/health/live")), cancellationToken),
            "A wrong method",
            answer => answer is { Status: 405, IsVaults: true, Code: "method_not_allowed" },
            report));
        await report.TryAsync("HEAD", async () => Say(
            await vault.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(vault.Origin, "/health/live")), cancellationToken), "HEAD, where a path has GET", answer => answer.Status == 405, report));
    }

    private async Task HttpAsync(Report report, CancellationToken cancellationToken)
    {
        if (Loopback.Is(vault.Origin))
        {
            report.Unknown("http: this vault runs on this machine");
            return;
        }

        var plain = new UriBuilder(vault.Origin) { Scheme = Uri.UriSchemeHttp, Port = 80, Path = "/health/live" }.Uri;
        var answer = await vault.SendAsync(new HttpRequestMessage(HttpMethod.Get, plain), cancellationToken);
        if (vault.Origin.Scheme == Uri.UriSchemeHttps && answer.Status is >= 301 and <= 308 && answer.Location?.Scheme == Uri.UriSchemeHttps)
        {
            report.Right($"http leads to https ({answer.Status})");
        }
        else
        {
            report.Wrong($"http is answered with {answer}: app keys could cross the network in clear.");
        }
    }

    private static void Say(SmokeAnswer answer, string name, Func<SmokeAnswer, bool> isExpected, Report report)
    {
        if (isExpected(answer))
        {
            report.Right($"{name}: {answer}");
        }
        else
        {
            report.Noted($"{name}: {answer}. docs/limits.md and the contract expect otherwise: please report it.");
        }
    }
}
