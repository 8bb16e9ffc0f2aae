using System.Text.Json;
using Alter.Cli.Check;

namespace Alter.Cli.Smoke;

/// <summary>
/// Waits until <c>/health/ready</c> says so: role assignments take minutes to act, and until then it names the right that is missing. A client secret that is not there does not come by
/// waiting, and stops its provider alone.
/// </summary>
internal sealed class ReadinessWait(SmokedVault vault, TimeProvider time, TimeSpan patience)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    // Of the vault's own words for a right that is not there yet.
    private const string Waiting = "role assignments";

    /// <returns>Whether it serves: it became ready, or lacks nothing but client secrets.</returns>
    public async Task<bool> RunAsync(Report report, CancellationToken cancellationToken)
    {
        report.Heading($"Readiness of {vault.Origin.GetLeftPart(UriPartial.Authority)}");
        var begun = time.GetUtcNow();
        List<Problem>? last = null;
        while (true)
        {
            var problems = await FindProblemsAsync(cancellationToken);
            var waited = time.GetUtcNow() - begun;
            if (problems.Count == 0)
            {
                report.Right(last is null ? "ready" : $"ready after {Shown.Span(waited)}");
                return true;
            }

            if (problems.TrueForAll(problem => problem.Component is "secrets") && (waited >= patience || !problems.Exists(problem => problem.Reason.Contains(Waiting, StringComparison.Ordinal))))
            {
                problems.ForEach(problem => report.Wrong($"ready but for client secret {problem.Reason}"));
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

    private async Task<List<Problem>> FindProblemsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await vault.GetAsync("/health/ready", cancellationToken);
            return answer.Status == 200 && answer.IsVaults ? [] : ProblemsOf(answer);
        }
        catch (HttpRequestException e)
        {
            return [new("", e.Message)];
        }
    }

    private static List<Problem> ProblemsOf(SmokeAnswer answer)
    {
        try
        {
            using var body = JsonDocument.Parse(answer.Body);
            return [.. body.RootElement.GetProperty("problems").EnumerateArray()
                .Select(problem => new Problem(Shown.Text($"{problem.GetProperty("component").GetString()}"), Shown.Text($"{problem.GetProperty("reason").GetString()}")))
                .DefaultIfEmpty(new("", $"{answer}"))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return [new("", $"{answer}")]; // The platform's own page while it starts.
        }
    }

    private sealed record Problem(string Component, string Reason)
    {
        public override string ToString() => Component.Length > 0 ? $"{Component}: {Reason}" : Reason;
    }
}
