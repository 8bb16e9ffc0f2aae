using Alter.Policies;

namespace Alter.RateLimits;

/// <summary>One limit's calls as this process has them to give out.</summary>
/// <remarks>
/// <code>
///  call ──► a call is in hand? ── yes ──► spend it (half a block left: fetch the next meanwhile)
///              │ no
///              ├── the window is used up? ── yes ──► deny: nothing is asked until the window ends
///              └── take a block from storage, or wait for the one under way; it is never smaller than the number of waiters ──► again
/// </code>
/// What is in hand was counted in storage before: the sum over all processes never exceeds the limit. What is still in hand when the window ends was given
/// to nobody: at most a block less one per process.
/// </remarks>
internal sealed class RateCounter(RateKey key, int block, RateLimitStore store, TimeProvider time)
{
    private readonly Lock gate = new();
    private DateTimeOffset window;
    private int inHand;
    private int waiting;
    private bool isUsedUp;
    private RateLimitStore.Row? seen;
    private Task? taking;

    /// <summary>Spends one call of the window that is now; the window's beginning, or null where it is used up.</summary>
    internal async ValueTask<DateTimeOffset?> SpendAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task pending;
            lock (gate)
            {
                Enter(key.Policy.WindowAt(time.GetUtcNow()));
                if (inHand > 0)
                {
                    inHand--;
                    FetchAhead();
                    return window;
                }

                if (isUsedUp)
                {
                    return null;
                }

                waiting++;
                pending = taking ??= Take(Math.Max(block, waiting));
            }

            try
            {
                await pending.WaitAsync(cancellationToken); // It is everybody's: one caller who leaves does not end it.
            }
            finally
            {
                lock (gate)
                {
                    waiting--;
                }
            }
        }
    }

    /// <summary>Takes a spent call back: it came to nothing before it was admitted.</summary>
    internal void GiveBack(DateTimeOffset spentIn)
    {
        lock (gate)
        {
            if (window == spentIn)
            {
                inHand++;
            }
        }
    }

    /// <summary>Calls of a window that are counted in storage and not spent.</summary>
    internal int InHand(DateTimeOffset of)
    {
        lock (gate)
        {
            return window == of ? inHand : 0;
        }
    }

    private void Enter(DateTimeOffset now)
    {
        if (window != now)
        {
            (window, inHand, isUsedUp, seen) = (now, 0, false, null);
        }
    }

    private void FetchAhead()
    {
        if (block > 1 && inHand <= block / 2 && block - 1 - inHand > 0 && !isUsedUp)
        {
            taking ??= Take(block - 1 - inHand);
        }
    }

    // On another thread: it must not end before its caller has noted it.
    private Task Take(int wanted)
    {
        var (from, row) = (window, seen);
        return Task.Run(async () =>
        {
            try
            {
                var (taken, now) = await store.TakeAsync(key, from, wanted, row);
                lock (gate)
                {
                    if (window == from)
                    {
                        (inHand, seen, isUsedUp) = (inHand + taken, now, now.Granted >= key.Policy.Limit);
                    }
                }
            }
            finally
            {
                lock (gate)
                {
                    taking = null;
                }
            }
        });
    }
}
