using System.Text.Json;
using Alter.Cli.Check;

namespace Alter.Cli.Smoke;

/// <summary>Waits until <c>/health/ready</c> says so: role assignments take minutes to act, and until then it names the right that is missing.</summary>
internal sealed class ReadinessWait(SmokedVault vault, TimeProvider time, TimeSpan patience)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <returns>Whether it became ready.</returns>
    public async Task<bool> RunAsync(Report report, CancellationToken cancellationToken)
    {
        report.Heading($"Readiness of {vault.Origin.GetLeftPart(UriPartial.Authority)}");
        var begun = time.GetUtcNow();
        List<string>? last = null;
        while (true)
        {
            var problems = await FindProblemsAsync(cancellationToken);
            var waited = time.GetUtcNow() - begun;
            if (problems.Count == 0)
            {
                report.Right(last is null ? "ready" : $"ready after {Shown.Span(waited)}");
                return true;
            }

            if (waited >= patience)
            {
                report.Wrong($"not ready after {Shown.Span(waited)}:");
                problems.ForEach(problem => report.Plain($"    {problem}"));
                return false;
            }

            // Each state once: a line every ten seconds would hide the change that matters.
            if (last is null || !last.SequenceEqual(problems))
            {
                problems.ForEach(problem => report.Unknown($"not yet: {problem}"));
            }

            last = problems;
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<List<string>> FindProblemsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await vault.GetAsync("/health/ready", cancellationToken);
            return answer.Status == 200 && answer.IsVaults ? [] : ProblemsOf(answer);
        }
        catch (HttpRequestException e)
        {
            return [e.Message];
        }
    }

    private static List<string> ProblemsOf(SmokeAnswer answer)
    {
        try
        {
            using var body = JsonDocument.Parse(answer.Body);
            return [.. body.RootElement.GetProperty("problems").EnumerateArray()
                .Select(problem => Shown.Text($"{problem.GetProperty("component").GetString()}: {problem.GetProperty("reason").GetString()}"))
                .DefaultIfEmpty($"{answer}")];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return [$"{answer}"]; // The platform's own page while it starts.
        }
    }
}
