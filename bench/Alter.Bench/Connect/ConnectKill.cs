using Alter.Bench.Running;
using Alter.Testing;

namespace Alter.Bench.Connect;

/// <summary>How much is run.</summary>
/// <param name="Kills">Kills in all.</param>
/// <param name="Workers">Worker processes.</param>
/// <param name="People">How many come back from the provider at each kill.</param>
public sealed record ConnectKillSetup(int Kills, int Workers, int People);

/// <summary>SIGKILL of a random worker at a random moment while many people come back from a provider.</summary>
/// <remarks>
/// Whoever's answer is cut off does what a person does: looks at the page again and, where neither it nor the status says complete, chooses the provider again (authorize, consent,
/// callback), a few seconds later. They consent with <em>another</em> account: if the first attempt had counted after all, the session would end with two grants. The next
/// kill does not wait for them, and may cut them off again. Goals: one grant per session; none without an end 60 seconds after its last callback that was cut off.
/// </remarks>
public static class ConnectKill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(120);

    /// <summary>Runs all kills.</summary>
    public static async Task<Report> RunAsync(ConnectKillSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        await using var vault = await BenchVault.StartAsync(new BenchSetup { Workers = setup.Workers, Settings = BenchVault.StartedOften }, cancellationToken);
        var people = new List<Task<ConnectEnd>>();
        for (var kill = 1; kill <= setup.Kills; kill++)
        {
            people.AddRange(await RoundAsync(vault, setup, cancellationToken));
            while (people.Count(person => !person.IsCompleted) > setup.People)
            {
                await Task.WhenAny(people.Where(person => !person.IsCompleted)); // Rounds that pile up measure nothing but a machine without breath.
            }

            if (kill % 5 is 0)
            {
                Progress.Say($"connect-kill: {kill} of {setup.Kills} kills; {people.Count(person => !person.IsCompleted)} of {people.Count} people still on their way");
            }
        }

        return SumUp(setup, await Task.WhenAll(people));
    }

    // Returns at the kill.
    private static async Task<IReadOnlyList<Task<ConnectEnd>>> RoundAsync(BenchVault vault, ConnectKillSetup setup, CancellationToken cancellationToken)
    {
        await Task.WhenAll(vault.Host.Workers.Select(worker => worker.WhenReadyAsync(cancellationToken))).WaitAsync(StartsWithin, TimeProvider.System, cancellationToken);
        var people = Enumerable.Range(0, setup.People).Select(_ => new ConnectingUser(vault, $"user-{A.Unique()}")).ToArray();
        var consents = await Task.WhenAll(people.Select(person => ConsentAsync(vault, person, cancellationToken)));
        var first = people.Select((person, i) => TryCallbackAsync(person, consents[i], cancellationToken)).ToArray();
        await MomentAsync(first, cancellationToken);
        await vault.Host.KillAsync(Random.Shared.Next(setup.Workers), cancellationToken);
        return [.. people.Select((person, i) => EndAsync(vault, person, first[i], cancellationToken))];
    }

    private static Report SumUp(ConnectKillSetup setup, ConnectEnd[] ends)
    {
        var (stuck, doubled, none) = (ends.Count(end => !end.IsComplete), ends.Count(end => end.Grants > 1), ends.Count(end => end.IsComplete && end.Grants is 0));
        var misses = new List<string>();
        if (stuck + doubled + none > 0)
        {
            var example = ends.FirstOrDefault(end => !end.IsComplete || end.Grants is not 1)?.Trail;
            misses.Add($"{stuck} sessions without an end {Patience.TotalSeconds} s after the last cut, {doubled} with two grants, {none} complete without a grant. {example}");
        }

        var cut = ends.Where(end => end.Cuts > 0).ToArray();
        var took = new Percentiles(cut.Where(end => end.IsComplete).Select(end => end.SinceLastCut));
        var row = new Dictionary<string, object>
        {
            ["kills"] = setup.Kills,
            ["sessions"] = ends.Length,
            ["cut off"] = cut.Length,
            ["two grants"] = doubled,
            ["complete without a grant"] = none,
            ["stuck"] = stuck,
            ["last cut to complete, p50 (s)"] = Math.Round(took[50].TotalSeconds, 1),
            ["p95 (s)"] = Math.Round(took[95].TotalSeconds, 1),
            ["longest (s)"] = Math.Round(took[100].TotalSeconds, 1),
        };
        return new Report("connect-kill", new Dictionary<string, object> { ["kills"] = setup.Kills, ["workers"] = setup.Workers, ["people"] = setup.People }, [row], misses);
    }

    // Mint, open and authorize are no part of the race: they are repeated until they succeed.
    private static async Task<IReadOnlyDictionary<string, string>> ConsentAsync(BenchVault vault, ConnectingUser person, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await TryStatusAsync(() => person.MintAsync(cancellationToken)) is not 201)
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException("No session could be minted.");
            }
        }

        string? url;
        while ((url = await TryAsync(() => person.AuthorizeAsync(cancellationToken))) is null)
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException("Connect could not be begun.");
            }
        }

        return vault.Erp.Consent(url, $"{A.Unique()}@erp.example");
    }

    // A share of the people has come to an end, from nobody to nearly all, and a moment more.
    private static async Task MomentAsync(Task<int>[] callbacks, CancellationToken cancellationToken)
    {
        var (enough, started) = (Random.Shared.Next(callbacks.Length), TimeProvider.System.GetTimestamp());
        while (callbacks.Count(callback => callback.IsCompleted) < enough && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(10))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(100)), TimeProvider.System, cancellationToken);
    }

    private static async Task<ConnectEnd> EndAsync(BenchVault vault, ConnectingUser person, Task<int> first, CancellationToken cancellationToken)
    {
        var (cuts, isComplete) = (await first is 303 ? 0 : 1, false);
        var lastCut = TimeProvider.System.GetTimestamp();
        while (!(isComplete = await IsCompleteAsync(person, cancellationToken)) && TimeProvider.System.GetElapsedTime(lastCut) < Patience)
        {
            if (await TryAsync(() => person.AuthorizeAsync(cancellationToken)) is { } url
                && await TryCallbackAsync(person, vault.Erp.Consent(url, $"{A.Unique()}@erp.example"), cancellationToken) is 0 or >= 500)
            {
                (cuts, lastCut) = (cuts + 1, TimeProvider.System.GetTimestamp());
            }

            // Nobody reads a page and chooses again at once.
            if (!(isComplete = await IsCompleteAsync(person, cancellationToken)))
            {
                await Task.Delay(TimeSpan.FromSeconds(2 + Random.Shared.NextDouble()), TimeProvider.System, cancellationToken);
            }
        }

        var since = TimeProvider.System.GetElapsedTime(lastCut);
        return new ConnectEnd(cuts, isComplete, await GrantsAsync(person, cancellationToken), since, string.Join(", ", person.Trail));
    }

    // Where the grant was stored and its note to this browser was not, the page calls the session used, and the app's own page learns that it is complete.
    private static async Task<bool> IsCompleteAsync(ConnectingUser person, CancellationToken cancellationToken) =>
        (string?)(await TryAsync(() => person.OpenAsync(cancellationToken)))?["status"] is "complete"
        || await TryAsync(() => person.StatusAsync(cancellationToken)) is "complete";

    private static async Task<T?> TryAsync<T>(Func<Task<T?>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException)
        {
            return null; // The worker died under it.
        }
    }

    private static Task<int> TryCallbackAsync(ConnectingUser person, IReadOnlyDictionary<string, string> consent, CancellationToken cancellationToken) =>
        TryStatusAsync(() => person.CallbackAsync(consent, cancellationToken));

    private static async Task<int> TryStatusAsync(Func<Task<int>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException)
        {
            return 0; // The worker died under it.
        }
    }

    private static async Task<int> GrantsAsync(ConnectingUser person, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return (await person.ListAsync(cancellationToken)).Count;
            }
            catch (HttpRequestException) when (attempt < 30)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <param name="Cuts">Callbacks of theirs that were cut off.</param>
    private sealed record ConnectEnd(int Cuts, bool IsComplete, int Grants, TimeSpan SinceLastCut, string Trail);
}
