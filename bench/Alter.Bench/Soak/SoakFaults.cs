using Alter.Bench.Running;

namespace Alter.Bench.Soak;

/// <summary>What goes wrong around the vault, each in bursts of its own.</summary>
internal sealed class SoakFaults(BenchVault vault, SoakSetup setup)
{
    private readonly Dictionary<string, int> counts = [];
    private int on;

    /// <summary>Whether anything is down now.</summary>
    public bool IsOn => Volatile.Read(ref on) > 0;

    public async Task RunAsync(CancellationToken time)
    {
        await Task.WhenAll(
            BurstsAsync("storage", isOn => vault.Relay!.Fault = isOn ? Storage : () => RelayFault.None, time),
            BurstsAsync("providers", SlowDown, time),
            BurstsAsync("Key Vault", isOn => _ = vault.KeyVault is { } keys && (keys.IsDown = isOn), time),
            KillsAsync(time));
    }

    public override string ToString()
    {
        lock (counts)
        {
            return string.Join(", ", counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Value} × {count.Key}"));
        }
    }

    private static RelayFault Storage() => Random.Shared.NextDouble() switch
    {
        < 1 / 6.0 => RelayFault.Refused,
        < 1 / 3.0 => RelayFault.AnswerLost,
        _ => RelayFault.None,
    };

    private void SlowDown(bool isOn)
    {
        foreach (var server in vault.Servers.Values)
        {
            server.BeforeAnswer = isOn ? () => TimeSpan.FromSeconds(2 + (4 * Random.Shared.NextDouble())) : () => TimeSpan.Zero;
        }
    }

    private async Task BurstsAsync(string what, Action<bool> turn, CancellationToken time)
    {
        while (await PauseAsync(setup.Quiet, time))
        {
            Count(what);
            turn(true);
            Interlocked.Increment(ref on);
            await PauseAsync(setup.Burst, time);
            turn(false);
            Interlocked.Decrement(ref on);
        }
    }

    private async Task KillsAsync(CancellationToken time)
    {
        while (await PauseAsync(setup.BetweenKills, time))
        {
            var mortal = Enumerable.Range(1, setup.Workers - 1).Where(index => vault.Host.Workers[index].IsReady).ToArray();
            if (mortal.Length > 0)
            {
                Count("killed worker");
                await vault.Host.KillAsync(mortal[Random.Shared.Next(mortal.Length)], CancellationToken.None);
            }
        }
    }

    private void Count(string what)
    {
        lock (counts)
        {
            counts[what] = counts.GetValueOrDefault(what) + 1;
        }
    }

    // Half to one and a half of it; false when the run is over.
    private static async Task<bool> PauseAsync(TimeSpan average, CancellationToken time)
    {
        await Task.Delay(average * (0.5 + Random.Shared.NextDouble()), TimeProvider.System, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !time.IsCancellationRequested;
    }
}
