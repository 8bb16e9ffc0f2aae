using System.Collections.Concurrent;
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
/// Whoever's answer is cut off looks at the page again and, where it does not say complete, starts again with <em>another</em> account: if the first attempt
/// had counted after all, the session would end with two grants. Goals: one grant per session; none without an end after 60 seconds.
/// </remarks>
public static class ConnectKill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs all kills.</summary>
    public static async Task<Report> RunAsync(ConnectKillSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        await using var vault = await BenchVault.StartAsync(new BenchSetup { Workers = setup.Workers }, cancellationToken);
        var ends = new ConcurrentBag<(bool WasCut, bool IsComplete, int Grants, TimeSpan Took)>();
        for (var kill = 0; kill < setup.Kills; kill++)
        {
            await Task.WhenAll(vault.Host.Workers.Select(worker => worker.WhenReadyAsync(cancellationToken)));
            var people = Enumerable.Range(0, setup.People).Select(_ => new ConnectingUser(vault, $"user-{A.Unique()}")).ToArray();
            var consents = await Task.WhenAll(people.Select(person => ConsentAsync(vault, person, cancellationToken)));
            var killedAt = TimeProvider.System.GetTimestamp();
            var first = people.Select((person, i) => TryCallbackAsync(person, consents[i], cancellationToken)).ToArray();
            await MomentAsync(vault, first, cancellationToken);
            await vault.Host.KillAsync(Random.Shared.Next(setup.Workers), cancellationToken);
            await Task.WhenAll(people.Select(async (person, i) =>
            {
                var wasCut = await first[i] is not 303;
                var isComplete = await FinishAsync(vault, person, killedAt, cancellationToken);
                var took = TimeProvider.System.GetElapsedTime(killedAt);
                ends.Add((wasCut, isComplete, await GrantsAsync(person, cancellationToken), took));
            }));
        }

        var (stuck, doubled, none) = (ends.Count(end => !end.IsComplete), ends.Count(end => end.Grants > 1), ends.Count(end => end.IsComplete && end.Grants is 0));
        var misses = new List<string>();
        if (stuck + doubled + none > 0)
        {
            misses.Add($"{stuck} sessions without an end after {Patience.TotalSeconds} s, {doubled} with two grants, {none} complete without a grant.");
        }

        var longest = new Percentiles(ends.Where(end => end.WasCut).Select(end => end.Took))[100];
        var row = new Dictionary<string, object>
        {
            ["kills"] = setup.Kills,
            ["sessions"] = ends.Count,
            ["cut off"] = ends.Count(end => end.WasCut),
            ["two grants"] = doubled,
            ["complete without a grant"] = none,
            ["stuck"] = stuck,
            ["longest until complete (s)"] = Math.Round(longest.TotalSeconds, 1),
        };
        return new Report("connect-kill", new Dictionary<string, object> { ["kills"] = setup.Kills, ["workers"] = setup.Workers, ["people"] = setup.People }, [row], misses);
    }

    // Mint, open and authorize are no part of the race: they are repeated until they succeed.
    private static async Task<IReadOnlyDictionary<string, string>> ConsentAsync(BenchVault vault, ConnectingUser person, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await person.MintAsync(cancellationToken) is not 201)
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException("No session could be minted.");
            }
        }

        string? url;
        while ((url = await person.AuthorizeAsync(cancellationToken)) is null)
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException("Connect could not be begun.");
            }
        }

        return vault.Erp.Consent(url, $"{A.Unique()}@erp.example");
    }

    // A share of the people has come to an end, or up to a second has gone by.
    private static async Task MomentAsync(BenchVault vault, Task<int>[] callbacks, CancellationToken cancellationToken)
    {
        var (enough, redeemed, started) = (Random.Shared.Next(callbacks.Length), vault.Erp.Requests.Count, TimeProvider.System.GetTimestamp());
        while (vault.Erp.Requests.Count - redeemed < enough && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(10))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(100)), TimeProvider.System, cancellationToken);
    }

    private static async Task<bool> FinishAsync(BenchVault vault, ConnectingUser person, long killedAt, CancellationToken cancellationToken)
    {
        while (TimeProvider.System.GetElapsedTime(killedAt) < Patience)
        {
            if ((string?)(await person.OpenAsync(cancellationToken))?["status"] is "complete")
            {
                return true;
            }

            if (await person.AuthorizeAsync(cancellationToken) is { } url)
            {
                await TryCallbackAsync(person, vault.Erp.Consent(url, $"{A.Unique()}@erp.example"), cancellationToken);
            }
        }

        return false;
    }

    private static async Task<int> TryCallbackAsync(ConnectingUser person, IReadOnlyDictionary<string, string> consent, CancellationToken cancellationToken)
    {
        try
        {
            return await person.CallbackAsync(consent, cancellationToken);
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
}
