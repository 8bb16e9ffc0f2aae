using System.Collections.Concurrent;
using Alter.Apps;
using Alter.Keys;
using Alter.Storage;
using Microsoft.Extensions.Logging;

namespace Alter.Audit;

/// <summary>The record: what was done with grants, by whom, why and how it ended. One writer a process, with four lanes.</summary>
/// <remarks>Nothing is asked of the network before the first entry. Entries of one process may overtake each other; within a lane they never do.</remarks>
public sealed class AuditRecord
{
    private const int Lanes = 4;

    // Which lane the entry of an open call went to: its end follows it there, so that whoever reads the lane sees both.
    private readonly ConcurrentDictionary<string, AuditLane> open = new(StringComparer.Ordinal);

    private readonly AuditLane[] lanes;
    private readonly ActivityFollower activity;

    public AuditRecord(AlterTables tables, KeyRing ring, ActivityProjection projection, ConfigurationSource configuration, TimeProvider time, ILogger<AuditRecord> logger)
    {
        activity = new ActivityFollower(projection, time);
        lanes = [.. Enumerable.Range(0, Lanes).Select(number => new AuditLane(number, tables, ring, activity, configuration, time, logger))];
        AuditMetrics.Watch(this);
    }

    /// <summary>For how long the oldest entry that is not written yet has waited; zero where none does.</summary>
    internal TimeSpan Lag => lanes.Max(lane => lane.Lag);

    /// <summary>Writes an entry that something waits for.</summary>
    /// <returns>True once it is durable; false where it cannot be written, and then <see cref="AuditUnavailable"/> is the answer.</returns>
    /// <remarks>One storage operation, shared with whatever else is written at that moment.</remarks>
    public Task<bool> AppendAsync(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return LaneOf(entry).AppendAsync(entry);
    }

    /// <summary>Writes an entry within 50 ms; where storage does not take it, again for as long as this process lives.</summary>
    /// <remarks>Shared like <see cref="AppendAsync"/>; nobody waits.</remarks>
    public void Note(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        LaneOf(entry).Note(entry);
    }

    /// <summary>Waits until everything is written, activity included: before a process ends, and for whoever wants to look.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(lanes.Select(lane => lane.DrainAsync(cancellationToken)));
        await activity.FlushAsync().WaitAsync(cancellationToken);
    }

    private AuditLane LaneOf(AuditEntry entry)
    {
        if (entry.Kind is AuditKinds.End && open.TryRemove(entry.Id, out var lane))
        {
            return lane;
        }

        // The first that is free, so that little traffic needs one lane; else the shortest.
        lane = lanes[0];
        for (var (at, least) = (1, lane.Load); at < Lanes; at++)
        {
            if (lanes[at].Load is var load && load < least)
            {
                (lane, least) = (lanes[at], load);
            }
        }

        if (entry.Kind is AuditKinds.Call)
        {
            open[entry.Id] = lane;
        }

        return lane;
    }
}

/// <summary>The call cannot be recorded, so it is not made: of one that changes something nothing was sent, of any other nothing was released.</summary>
public sealed record AuditUnavailable : Refusal
{
    public AuditUnavailable()
        : base("The vault could not record this call, so nothing of it was let through. Repeat it in a moment.") => RetryAfter = TimeSpan.FromSeconds(5);
}
