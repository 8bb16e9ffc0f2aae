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
/// to nobody: at most a block less one per process. Calls that may yet come to nothing are counted ahead only as many as a block at once: what they give back
/// stays in this process, and more would use the limit up for all others.
/// </remarks>
internal sealed class RateCounter(RateKey key, int block, RateLimitStore store, TimeProvider time)
{
    private readonly Lock gate = new();
    private DateTimeOffset window;
    private int inHand;
    private int waiting;
    private int ahead;
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

    /// <summary>Whether one more call may be counted before it is known that it will be made; then <see cref="EndAhead"/> has to follow.</summary>
    internal bool TryBeginAhead()
    {
        lock (gate)
        {
            if (ahead == block)
            {
                return false;
            }

            ahead++;
            return true;
        }
    }

    /// <summary>It is known: the call will be made, or was taken back.</summary>
    internal void EndAhead()
    {
        lock (gate)
        {
            ahead = Math.Max(0, ahead - 1); // A counter that was forgotten meanwhile knew of it.
        }
    }

    /// <summary>Whether it is known that nothing is left of the window that is now.</summary>
    internal bool IsUsedUp
    {
        get
        {
            lock (gate)
            {
                Enter(key.Policy.WindowAt(time.GetUtcNow()));
                return isUsedUp && inHand == 0;
            }
        }
    }

    /// <summary>Whether nothing is lost when this process forgets it.</summary>
    internal bool IsIdle
    {
        get
        {
            lock (gate)
            {
                return waiting == 0 && ahead == 0 && (inHand == 0 || window != key.Policy.WindowAt(time.GetUtcNow()));
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
