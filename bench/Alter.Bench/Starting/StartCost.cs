using Alter.Bench.Running;

namespace Alter.Bench.Starting;

/// <summary>How much is run.</summary>
/// <param name="Starts">Of each worker, after one of each that is not counted.</param>
public sealed record StartSetup(int Starts)
{
    /// <summary>The folder of a published bare worker; null: what was built beside this program.</summary>
    public string? BareDirectory { get; init; }

    /// <summary>False: figures are reported and miss nothing.</summary>
    public bool JudgesFigures { get; init; } = true;
}

/// <summary>How long a new process takes to answer its first proxied call, beside an isolated worker with one empty function.</summary>
/// <remarks>
/// From before the local host starts the worker's process to the last byte of the answer; the host's own start, a few milliseconds, is on both sides. The vault's first call
/// makes sure of its tables, reads salt and key, fetches the identity provider's keys, reads the grant, records the call and reaches the provider. Both take turns. Goal: at
/// most 1.3 times, at the median.
/// </remarks>
public static class StartCost
{
    private const double MostTimes = 1.3;

    /// <summary>Starts both in turn.</summary>
    public static async Task<Report> RunAsync(StartSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        await using var vault = await BenchVault.StartAsync(new BenchSetup { Settings = BenchVault.Still }, cancellationToken);
        var grant = await vault.GrantAsync("none", isStale: false);
        var (empty, first) = (new List<StartedWorker>(), new List<StartedWorker>());
        for (var start = 0; start <= setup.Starts; start++)
        {
            var (one, other) = (await StartEmptyAsync(setup.BareDirectory, cancellationToken), await StartVaultAsync(vault, grant, cancellationToken));
            if (start > 0)
            {
                empty.Add(one);
                first.Add(other);
                Progress.Say($"start: {start} of {setup.Starts}, empty {one.Answered.TotalMilliseconds:0} ms, vault {other.Answered.TotalMilliseconds:0} ms");
            }
        }

        var times = Median(first, worker => worker.Answered) / Median(empty, worker => worker.Answered);
        var misses = setup.JudgesFigures && times > MostTimes ? [$"The vault's first answer took {times:0.00} times an empty worker's, not {MostTimes}."] : Array.Empty<string>();
        return new Report("start", new Dictionary<string, object> { ["starts"] = setup.Starts }, [Row("empty worker", empty, empty), Row("vault, first proxied call", first, empty)], misses)
        {
            Chart = new Chart("First answer after the start of a process, median, in times an empty worker's; the mark is the goal", [new("", "empty worker", 1), new("", "vault, first proxied call", Math.Round(times, 2), MostTimes)]),
        };
    }

    private static async Task<StartedWorker> StartEmptyAsync(string? directory, CancellationToken cancellationToken)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
        var began = TimeProvider.System.GetTimestamp();
        await using var host = await BareHost.StartAsync(directory, BenchVault.AsDeployed, cancellationToken);
        var ready = TimeProvider.System.GetElapsedTime(began);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, "/empty"));
        using var response = await client.SendAsync(request, cancellationToken);
        var answered = TimeProvider.System.GetElapsedTime(began);
        return response.StatusCode is System.Net.HttpStatusCode.NoContent ? new StartedWorker(ready, answered) : throw NotAnswered($"{(int)response.StatusCode}");
    }

    private static async Task<StartedWorker> StartVaultAsync(BenchVault vault, BenchGrant grant, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var beside = await vault.StartBesideAsync(BenchVault.AsDeployed, cancellationToken);
        var ready = TimeProvider.System.GetElapsedTime(began);
        var result = await beside.Caller.CallAsync(grant, cancellationToken);
        var answered = TimeProvider.System.GetElapsedTime(began);
        return result.Status is 200 ? new StartedWorker(ready, answered) : throw NotAnswered(result.Label);
    }

    private static InvalidOperationException NotAnswered(string status) => new($"The first call answered {status}, so there is nothing to measure.");

    private static Dictionary<string, object> Row(string name, IReadOnlyCollection<StartedWorker> starts, IReadOnlyCollection<StartedWorker> empty) => new()
    {
        ["worker"] = name,
        ["starts"] = starts.Count,
        ["takes calls after (ms), median"] = Math.Round(Median(starts, worker => worker.Ready).TotalMilliseconds),
        ["first answer after (ms), median"] = Math.Round(Median(starts, worker => worker.Answered).TotalMilliseconds),
        ["shortest"] = Math.Round(starts.Min(worker => worker.Answered).TotalMilliseconds),
        ["longest"] = Math.Round(starts.Max(worker => worker.Answered).TotalMilliseconds),
        ["÷ empty"] = Math.Round(Median(starts, worker => worker.Answered) / Median(empty, worker => worker.Answered), 2),
    };

    private static TimeSpan Median(IEnumerable<StartedWorker> starts, Func<StartedWorker, TimeSpan> time) => new Percentiles(starts.Select(time))[50];

    private sealed record StartedWorker(TimeSpan Ready, TimeSpan Answered);
}
