using System.Diagnostics;

namespace Alter.Testing;

/// <summary>Waits for a condition instead of for a time.</summary>
public static class Eventually
{
    // Longer than the two minutes within which the timer makes up for a message that was not sent.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    // What comes soon is seen soon; what takes seconds is not slowed down by being asked for.
    private const int ShortestPause = 10; // ms
    private const int LongestPause = 250;

    /// <summary>Returns as soon as the condition holds; fails when it did not within two minutes and a half.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException($"It did not come true that {what}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(clock.ElapsedMilliseconds / 10, ShortestPause, LongestPause)), TimeProvider.System);
        }
    }

    /// <summary>The same for a condition that needs no waiting itself.</summary>
    public static Task TrueAsync(Func<bool> condition, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return TrueAsync(() => Task.FromResult(condition()), what);
    }
}
