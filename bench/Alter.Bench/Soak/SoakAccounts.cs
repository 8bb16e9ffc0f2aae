using System.Collections.Concurrent;
using Alter.Bench.Running;

namespace Alter.Bench.Soak;

/// <summary>What became of grants that did not live to the end.</summary>
/// <param name="Interrupted">A provider took a spent token for a stolen one, and the vault says so.</param>
/// <param name="Otherwise">What ought not to have happened, one sentence each.</param>
internal sealed record SoakLosses(int Interrupted, IReadOnlyList<string> Otherwise);

/// <summary>The users' accounts; one that is lost is followed by another of the same user, as people connect again.</summary>
internal sealed class SoakAccounts(BenchVault vault)
{
    private readonly Lock gate = new();
    private readonly List<BenchGrant> living = [];
    private readonly ConcurrentDictionary<TokenFamily, (BenchGrant Grant, CallResult Last)> ended = new();

    /// <summary>Connects an account nobody else has.</summary>
    public async Task AddAsync(string user, string provider)
    {
        var grant = await vault.GrantAsync(provider, isStale: false, user, dueIn: vault.Servers[provider].AccessTokenLifetime / 2);
        lock (gate)
        {
            living.Add(grant);
        }
    }

    public BenchGrant Random()
    {
        lock (gate)
        {
            return living[System.Random.Shared.Next(living.Count)];
        }
    }

    public async Task<CallResult> CallAsync(BenchGrant grant, CancellationToken cancellationToken)
    {
        var call = await vault.Caller.CallAsync(grant, cancellationToken);
        if (call.Status is 403 && ended.TryAdd(grant.Family, (grant, call)))
        {
            lock (gate)
            {
                living.Remove(grant);
            }

            await AddAsync(grant.User, grant.Row.Place.Provider);
        }

        return call;
    }

    /// <summary>Calls every living grant until it answers, now that nothing is down any more.</summary>
    public async Task<SoakLosses> EndAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await Task.WhenAll(vault.Host.Workers.Select(worker => worker.WhenReadyAsync(cancellationToken)));
        var otherwise = new ConcurrentBag<string>();
        await Task.WhenAll(living.ToArray().Select(async grant =>
        {
            var started = TimeProvider.System.GetTimestamp();
            var call = await CallAsync(grant, cancellationToken);
            while (call.Status is not (200 or 403) && TimeProvider.System.GetElapsedTime(started) < patience)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
                call = await CallAsync(grant, cancellationToken);
            }

            if (call.Status is not (200 or 403))
            {
                otherwise.Add($"stuck with {call.Label}: {Story(grant)}");
            }
            else if (call.Status is 200 && (await Patiently.AskAsync(async () => await vault.Inside.TokensAsync(await vault.Inside.ReadAsync(grant.Row)))).Refresh is var stored && !grant.Server.Redeems(stored))
            {
                otherwise.Add($"holds a refresh token its provider no longer takes: {Story(grant)}");
            }
        }));
        var interrupted = 0;
        foreach (var (grant, call) in ended.Values)
        {
            if (call.Cause is "refresh_interrupted" && grant.Row.Place.Provider is "strict")
            {
                interrupted++;
            }
            else
            {
                otherwise.Add($"{call.Label}: {Story(grant)}");
            }
        }

        return new SoakLosses(interrupted, [.. otherwise]);
    }

    private string Story(BenchGrant grant) => $"{grant.Row.Place.Provider}, {string.Join(" / ", vault.LinesAbout(grant).TakeLast(5))}";
}
