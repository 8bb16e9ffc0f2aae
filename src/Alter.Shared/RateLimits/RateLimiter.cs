using System.Collections.Concurrent;
using System.Globalization;
using Alter.Policies;
using Microsoft.Extensions.Configuration;

namespace Alter.RateLimits;

/// <summary>How limits are shared out.</summary>
/// <param name="Instances">For how many processes: the more, the smaller the blocks, the exacter the limit, and the more writes.</param>
public sealed record RateLimitOptions(int Instances)
{
    /// <summary>Four: limits of 400 and less are counted call by call.</summary>
    public static RateLimitOptions Default { get; } = new(4);

    private const string Setting = "ALTER_RATE_INSTANCES";
    private const int Most = 1000;

    /// <summary>Setting <c>ALTER_RATE_INSTANCES</c>; what is no number from 1 to 1,000 counts as 1,000, the exact end.</summary>
    public static RateLimitOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration[Setting] is not { Length: > 0 } text ? Default
            : new(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var instances) && instances is >= 1 and <= Most ? instances : Most);
    }

    /// <summary>How many calls a process takes at once, so that all of them together leave at most one in a hundred unused.</summary>
    public int BlockOf(int limit) => Math.Max(1, limit / (100 * Instances));
}

/// <summary>A call's place in a limit, taken or refused.</summary>
/// <param name="Key">The limit.</param>
/// <param name="Window">The window it was counted in; null: the limit is reached.</param>
public sealed record RateTaking(RateKey Key, DateTimeOffset? Window);

/// <summary>Counts calls across all processes: never more than the limit in an aligned window, whatever races.</summary>
/// <remarks>
/// One storage operation for each block, on the path only where none is in hand. A limit that is reached is remembered until its window ends: refusing costs
/// none. A process that loses its memory of a key loses what it had in hand, and never counts a call twice as allowed.
/// </remarks>
public sealed class RateLimiter(RateLimitStore store, RateLimitOptions options, TimeProvider time)
{
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<RateKey, RateCounter> counters = new();

    /// <summary>Counts one call.</summary>
    public async Task<RateTaking> TakeAsync(RateKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new RateTaking(key, await CounterOf(key).SpendAsync(cancellationToken));
    }

    /// <summary>Counts one call before it is known that it will be made.</summary>
    /// <returns>Null: too many are counted so already, and this one is to be counted once it is known. Otherwise <see cref="EndAhead"/> has to follow.</returns>
    public Task<RateTaking>? TakeAhead(RateKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return CounterOf(key).TryBeginAhead() ? TakeAsync(key, cancellationToken) : null;
    }

    /// <summary>It is known whether a call that was counted ahead will be made.</summary>
    public void EndAhead(RateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (counters.TryGetValue(key, out var counter))
        {
            counter.EndAhead();
        }
    }

    /// <summary>Whether this process knows that a limit is reached. Asks nothing and counts nothing.</summary>
    public bool IsUsedUp(RateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return counters.TryGetValue(key, out var counter) && counter.IsUsedUp;
    }

    /// <summary>Takes a counted call back, before it was admitted.</summary>
    public void GiveBack(RateTaking taking)
    {
        ArgumentNullException.ThrowIfNull(taking);
        if (taking.Window is { } window && counters.TryGetValue(taking.Key, out var counter))
        {
            counter.GiveBack(window);
        }
    }

    /// <summary>How many calls of an instant's window are gone, as far as this process knows: what others have in hand counts as gone. Counts nothing.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<int> CountAsync(RateKey key, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var window = key.Policy.WindowAt(at);
        var granted = (await store.FindAsync(key, window, cancellationToken)).Granted;
        return Math.Min(key.Policy.Limit, granted) - (counters.TryGetValue(key, out var counter) ? counter.InHand(window) : 0);
    }

    private RateCounter CounterOf(RateKey key)
    {
        if (counters.Count >= MaxRemembered)
        {
            foreach (var (known, idle) in counters)
            {
                if (idle.IsIdle)
                {
                    counters.TryRemove(known, out _);
                }
            }

            if (counters.Count >= MaxRemembered)
            {
                counters.Clear(); // What is in hand is lost to this window.
            }
        }

        return counters.GetOrAdd(key, one => new RateCounter(one, options.BlockOf(one.Policy.Limit), store, time));
    }
}
