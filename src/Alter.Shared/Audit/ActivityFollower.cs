namespace Alter.Audit;

/// <summary>Brings what one lane has written into the activity tables, behind it: the first at once, what comes within half a second of a write together.</summary>
internal sealed class ActivityFollower(ActivityProjection activity, TimeProvider time)
{
    // A busy user's calls share a write.
    private static readonly TimeSpan Company = TimeSpan.FromMilliseconds(500);
    private const int MostKept = 10_000;

    private readonly Lock gate = new();
    private readonly TaskCompletionSource hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ActivityBatch waiting = new();
    private ActivityBatch spare = new();
    private long upTo = -1;
    private long projected = -1;
    private Task projecting = Task.CompletedTask;
    private bool isProjecting;
    private bool isBroken;

    /// <summary>The last entry of the lane up to which all are in the activity tables; -1: none.</summary>
    public long Projected
    {
        get
        {
            lock (gate)
            {
                return projected;
            }
        }
    }

    /// <summary>The activity tables did not take something, or are too slow: from there on the sealer replays it, once the lane has ended.</summary>
    public bool IsBroken
    {
        get
        {
            lock (gate)
            {
                return isBroken;
            }
        }
    }

    /// <summary>Takes what the lane has written.</summary>
    /// <param name="entries">In their order.</param>
    /// <param name="last">The sequence of the last of them.</param>
    public void Add(IReadOnlyList<WrittenEntry> entries, long last)
    {
        lock (gate)
        {
            isBroken |= waiting.Entries.Count >= MostKept;
            if (isBroken)
            {
                return;
            }

            foreach (var (entry, text) in entries)
            {
                waiting.Add(entry, text);
            }

            upTo = last;
            if (isProjecting)
            {
                return;
            }

            if (waiting.Entries.Count == 0)
            {
                projected = upTo;
                return;
            }

            isProjecting = true;
            projecting = Task.Run(ProjectAsync);
        }
    }

    /// <summary>Waits for no more company from now on; done once all that was added is in the activity tables, or left to the sealer.</summary>
    public Task FinishAsync()
    {
        hurry.TrySetResult();
        lock (gate)
        {
            return projecting;
        }
    }

    private async Task ProjectAsync()
    {
        while (Take(out var last) is { } taken)
        {
            var isDone = await activity.TryWriteAsync(taken.Entries);
            taken.Clear();
            lock (gate)
            {
                spare = taken;
                if (!isDone)
                {
                    (isBroken, isProjecting) = (true, false);
                    waiting.Clear();
                    return;
                }

                projected = last;
            }

            await Task.WhenAny(hurry.Task, Task.Delay(Company, time));
        }
    }

    private ActivityBatch? Take(out long last)
    {
        lock (gate)
        {
            last = upTo;
            if (waiting.Entries.Count == 0)
            {
                (projected, isProjecting) = (upTo, false);
                return null;
            }

            var taken = waiting;
            waiting = spare; // One pump takes turns with the two.
            return taken;
        }
    }
}
