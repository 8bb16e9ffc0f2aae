namespace Alter.Audit;

/// <summary>Brings what a process's lanes have written into the activity tables, behind them: the first at once, what comes within half a second of a write together.</summary>
/// <remarks>One for all lanes: what one user's calls left in several of them shares a write.</remarks>
internal sealed class ActivityFollower(ActivityProjection activity, TimeProvider time)
{
    private static readonly TimeSpan Company = TimeSpan.FromMilliseconds(500);
    private const int MostKept = 20_000;

    private readonly Lock gate = new();
    private Taken waiting = new();
    private Taken spare = new();
    private TaskCompletionSource hurry = NoHurry();
    private Task projecting = Task.CompletedTask;
    private bool isProjecting;

    /// <summary>Takes what a lane has written.</summary>
    /// <param name="lane">The lane's; told how far it came.</param>
    /// <param name="entries">In their order.</param>
    /// <param name="last">The sequence of the last of them.</param>
    public void Add(ActivityProgress lane, IReadOnlyList<WrittenEntry> entries, long last)
    {
        lock (gate)
        {
            if (lane.IsBroken || waiting.Batch.Entries.Count >= MostKept)
            {
                lane.Break();
                return;
            }

            foreach (var (entry, text) in entries)
            {
                waiting.Batch.Add(entry, text);
            }

            waiting.Lanes[lane] = last;
            if (isProjecting)
            {
                return;
            }

            if (waiting.IsEmpty)
            {
                waiting.End(isDone: true);
                return;
            }

            isProjecting = true;
            using var _ = ExecutionContext.SuppressFlow(); // It is nobody's request.
            projecting = Task.Run(ProjectAsync);
        }
    }

    /// <summary>Waits for no company until nothing is left; done once all that was added is in the activity tables, or left to the sealer.</summary>
    public Task FlushAsync()
    {
        lock (gate)
        {
            if (isProjecting)
            {
                hurry.TrySetResult();
            }

            return projecting;
        }
    }

    private async Task ProjectAsync()
    {
        while (Take() is { } taken)
        {
            var isDone = await activity.TryWriteAsync(taken.Batch.Entries);
            Task company;
            lock (gate)
            {
                taken.End(isDone);
                spare = taken;
                company = hurry.Task;
            }

            await Task.WhenAny(company, Task.Delay(Company, time));
        }
    }

    private Taken? Take()
    {
        lock (gate)
        {
            if (waiting.IsEmpty)
            {
                waiting.End(isDone: true);
                (isProjecting, hurry) = (false, NoHurry());
                return null;
            }

            var taken = waiting;
            waiting = spare; // One pump takes turns with the two.
            return taken;
        }
    }

    private static TaskCompletionSource NoHurry() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // What is written together, and up to where each lane's entries are in it.
    private sealed class Taken
    {
        public ActivityBatch Batch { get; } = new();

        public Dictionary<ActivityProgress, long> Lanes { get; } = [];

        public bool IsEmpty => Batch.Entries.Count is 0;

        public void End(bool isDone)
        {
            foreach (var (lane, last) in Lanes)
            {
                if (isDone)
                {
                    lane.Reach(last);
                }
                else
                {
                    lane.Break();
                }
            }

            Batch.Clear();
            Lanes.Clear();
        }
    }
}
