using Alter.Apps;
using Alter.Keys;
using Alter.Storage;
using Alter.Storage.Wire;
using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Alter.Audit;

/// <summary>
/// One of a process's lanes: writes its entries one after the other, as many in one transaction as wait, and the next only once that has succeeded, so that a
/// lane has no holes.
/// </summary>
/// <remarks>
/// <code>
///   1 take what waits, at most 98 entries or 3 MiB          nothing urgent? it waits 50 ms for company
///   2 lane to write to: a new one at first, in a new month, after half an hour of silence, after a failure; its first entry names the one before
///   3 one transaction: entries + head                       crash before: nothing is there; after: all is, and whoever waited was not told
///        409: our own, whose answer got lost? the head says so
///        fault: urgent callers get false (audit_unavailable), the lane is over; what nobody waits for is tried again in the next one
///   4 callers are told; the activity tables follow, twice    crash: the sealer replays what they lack
///        a second at most
///        they fail, or fall far behind: left to the sealer, and a minute later a new lane begins with them again
/// </code>
/// </remarks>
internal sealed class AuditLane(
    int number, AlterTables tables, KeyRing ring, ActivityFollower activity, ConfigurationSource configuration, TimeProvider time, ILogger logger)
{
    /// <summary>How long an entry nobody waits for waits for others.</summary>
    internal static readonly TimeSpan LingerTime = TimeSpan.FromMilliseconds(50);

    /// <summary>A lane that was silent that long is over: the sealer then need not look at it for ever.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromMinutes(30);

    // A lane a minute, not one a batch: where the activity tables refuse everything each would begin another, and all are sealed and looked at for hours.
    private static readonly TimeSpan LeastLife = TimeSpan.FromMinutes(1);

    // 100 rows a transaction: one head, perhaps one beginning.
    internal const int MostInTransaction = 98;
    private const long MostWeight = 3 * 1024 * 1024;

    // Beyond that, sharing costs those who wait more than another transaction.
    private const int MostShared = 32;
    private const int MostKept = 10_000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly Queue<Waiting> waiting = new();
    private ITimer? linger;
    private TaskCompletionSource? finished;
    private int urgent;
    private bool isRunning;
    private bool isLingering;
    private bool isWriting;
    private bool isDraining;
    private long? writingSince;
    private TimeSpan pause;

    // Only the running pump touches these.
    private Stretch? stretch;
    private string? predecessor;

    /// <summary>How long an entry that comes now would wait, in ranks: first a lane about to write, whose transaction it would share; then a free one; then the shortest.</summary>
    /// <remarks>Outside the gate: a guess will do, and each call asks every lane.</remarks>
    internal int Load => isWriting ? waiting.Count + 1 : urgent is > 0 and < MostShared ? -1 : urgent;

    /// <summary>For how long the oldest entry that is not written yet has waited; zero where none does.</summary>
    internal TimeSpan Lag
    {
        get
        {
            lock (gate)
            {
                return (writingSince ?? (waiting.TryPeek(out var first) ? first.Since : null)) is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Writes an entry that somebody waits for: it goes at once, and fails rather than be tried again.</summary>
    /// <returns>True once it is durable; false where it could not be written.</returns>
    internal Task<bool> AppendAsync(AuditEntry entry)
    {
        var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new Waiting(entry, entry.ToText(), time.GetTimestamp(), written));
        return written.Task;
    }

    /// <summary>Writes an entry that nobody waits for: with others, and again where storage does not take it.</summary>
    internal void Note(AuditEntry entry) => Add(new Waiting(entry, entry.ToText(), time.GetTimestamp(), Written: null));

    private void Add(Waiting item)
    {
        lock (gate)
        {
            if (!item.IsUrgent && waiting.Count >= MostKept)
            {
                Log.Dropped(logger, item.Entry.Kind, item.Entry.Id);
                AuditMetrics.CountFailure(1, AuditMetrics.GivenUp);
                return;
            }

            waiting.Enqueue(item);
            urgent += item.IsUrgent ? 1 : 0;
            if (isRunning || !(item.IsUrgent || IsFull))
            {
                Linger();
                return;
            }

            Run();
        }

        Start();
    }

    /// <summary>Waits until nothing waits; what storage refuses meanwhile is given up.</summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (Begin() is { } pump)
            {
                await pump.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            lock (gate)
            {
                isDraining = false;
            }
        }

        // What writes now, or begins to; null: nothing waits.
        Task? Begin()
        {
            lock (gate)
            {
                isDraining = true;
                if (isRunning)
                {
                    return (finished ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }

                if (waiting.Count == 0)
                {
                    return null;
                }

                Run();
            }

            return RunAsync();
        }
    }

    // Whoever begins it takes all there is; then it goes on for as long as somebody waits.
    private async Task RunAsync()
    {
        for (var batch = Take(all: true); batch.Count > 0; batch = Take(all: false))
        {
            var isWritten = await WriteAsync(batch);
            foreach (var item in Release(batch, isWritten))
            {
                item.Written?.TrySetResult(isWritten);
            }
        }
    }

    // Within the gate, like all of these.
    private void Run() => (isRunning, isLingering) = (true, false);

    private bool IsFull => waiting.Count >= MostInTransaction && pause == TimeSpan.Zero;

    private void Linger()
    {
        if (isRunning || isLingering || waiting.Count == 0)
        {
            return;
        }

        isLingering = true;
        if (linger is null)
        {
            using var _ = ExecutionContext.SuppressFlow(); // It is nobody's request.
            linger = time.CreateTimer(_ => EndLingering(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        linger.Change(pause > LingerTime ? pause : LingerTime, Timeout.InfiniteTimeSpan);
    }

    private void EndLingering()
    {
        lock (gate)
        {
            isLingering = false;
            if (isRunning || waiting.Count == 0)
            {
                return;
            }

            Run();
        }

        Start();
    }

    // Here and now, for another thread would have to be woken; unless others are busy: then behind what is queued, whose entries may come along. It goes on for others: nobody's context goes along.
    private void Start()
    {
        if (ThreadPool.PendingWorkItemCount > 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static lane => _ = lane.RunAsync(), this, preferLocal: false);
        }
        else
        {
            using (ExecutionContext.SuppressFlow())
            {
                _ = RunAsync();
            }
        }
    }

    private List<Waiting> Take(bool all)
    {
        lock (gate)
        {
            var batch = new List<Waiting>(Math.Min(waiting.Count, MostInTransaction));
            var weight = 0L;
            while ((all || urgent > 0 || isDraining || IsFull || batch.Count > 0)
                && waiting.TryPeek(out var first) && batch.Count < MostInTransaction && (batch.Count == 0 || weight + first.Weight <= MostWeight))
            {
                weight += first.Weight;
                batch.Add(first);
                urgent -= first.IsUrgent ? 1 : 0;
                waiting.Dequeue();
            }

            isRunning = isWriting = batch.Count > 0;
            writingSince = isWriting ? batch[0].Since : null;
            if (!isRunning)
            {
                finished?.TrySetResult();
                finished = null;
                Linger();
            }

            return batch;
        }
    }

    // Where it was not written, whoever waits is told now, behind this batch too: storage had its time. What nobody waits for goes back to the front.
    private List<Waiting> Release(List<Waiting> batch, bool isWritten)
    {
        lock (gate)
        {
            isWriting = false;
            writingSince = null;
            pause = isWritten ? TimeSpan.Zero : pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            if (isWritten)
            {
                return batch;
            }

            var (refused, kept) = (new List<Waiting>(), new List<Waiting>());
            foreach (var item in batch.Concat(waiting))
            {
                (item.IsUrgent || isDraining ? refused : kept).Add(item);
            }

            waiting.Clear();
            kept.ForEach(waiting.Enqueue);
            urgent = 0;
            return refused;
        }
    }

    private async Task<bool> WriteAsync(List<Waiting> batch)
    {
        try
        {
            var key = await ring.CurrentAsync(CancellationToken.None);
            var now = time.GetUtcNow();
            if (stretch is not null && (stretch.Month != RowKeys.Month(now) || now - stretch.WrittenAt > Silence || (stretch.Activity.IsBroken && now - stretch.BegunAt > LeastLife)))
            {
                End();
            }

            stretch ??= new Stretch(LaneName.New(now, number), RowKeys.Month(now), now, activity); // 2
            var entries = stretch.Sequence < 0 ? [Begin(now), .. batch] : batch;
            var (rows, sequence, chain) = (new List<RowWrite>(entries.Count + 1), stretch.Sequence, stretch.Chain);
            foreach (var item in entries)
            {
                var previous = chain;
                chain = AuditChain.Link(stretch.Lane, ++sequence, previous, item.Text.Bytes);
                rows.Add(new(AuditRow.Of(stretch.Lane, sequence, item.Text, previous, chain, key), Replaces: false));
            }

            rows.Add(new(AuditRow.OfHead(stretch.Lane, new LaneHead(sequence, chain, now, stretch.Settled)), Replaces: true));
            if (await TryWriteAsync(stretch, rows, sequence, chain)) // 3
            {
                stretch.Add(entries, chain, now); // 4
                entries.ForEach(static item => item.Text.GiveBack()); // The transaction is answered, and activity has its copy. After a fault that is not sure.
                return true;
            }

            Log.NotWritten(logger, batch.Count, stretch.Lane, null);
            AuditMetrics.CountFailure(batch.Count, AuditMetrics.NotWritten);
        }
        catch (Exception e) // Whatever it was: those who wait have to hear of it, and the next entry begins anew.
        {
            Log.NotWritten(logger, batch.Count, stretch?.Lane ?? "", e);
            AuditMetrics.CountFailure(batch.Count, AuditMetrics.NotWritten);
        }

        End();
        return false;
    }

    private async Task<bool> TryWriteAsync(Stretch to, List<RowWrite> rows, long sequence, byte[] chain)
    {
        var table = tables.AuditOf(to.Month);
        try
        {
            await tables.WriteAsync(table, rows);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409)
        {
            // The client's own repetition met what it had written, or somebody writes into our lane.
            var head = await table.GetEntityIfExistsAsync<TableEntity>(to.Lane, AuditRow.Head, cancellationToken: CancellationToken.None);
            return head.HasValue && AuditRow.ReadHead(head.Value!) is { } found && found.Sequence == sequence && AuditChain.AreSame(found.Chain, chain);
        }
    }

    private Waiting Begin(DateTimeOffset now)
    {
        var entry = new AuditEntry { Kind = AuditKinds.Start, Id = OperationId.New(), At = now, Configuration = configuration.Current?.Version, Predecessor = predecessor };
        return new Waiting(entry, entry.ToText(), time.GetTimestamp(), Written: null);
    }

    private void End()
    {
        predecessor = stretch is { Sequence: >= 0 } ? stretch.Lane : predecessor;
        stretch = null;
    }

    private readonly record struct Waiting(AuditEntry Entry, Utf8Text Text, long Since, TaskCompletionSource<bool>? Written)
    {
        /// <summary>Bytes of the request at most: every byte may be escaped to six.</summary>
        public long Weight => 1000 + (6L * Text.Length);

        /// <summary>Somebody waits for it.</summary>
        public bool IsUrgent => Written is not null;
    }

    // One partition, from its first entry to its last.
    private sealed class Stretch(string lane, string month, DateTimeOffset begunAt, ActivityFollower follower)
    {
        private readonly Dictionary<string, long> open = new(StringComparer.Ordinal);

        public string Lane { get; } = lane;

        public string Month { get; } = month;

        public DateTimeOffset BegunAt { get; } = begunAt;

        public ActivityProgress Activity { get; } = new();

        public long Sequence { get; private set; } = -1;

        public byte[] Chain { get; private set; } = AuditChain.Beginning;

        public DateTimeOffset WrittenAt { get; private set; }

        /// <summary>Up to where nothing is left for the sealer: all is in the activity tables, and every call has its end.</summary>
        public long Settled => Math.Min(Activity.Projected, open.Count > 0 ? open.Values.Min() - 1 : long.MaxValue);

        public void Add(List<Waiting> items, byte[] chain, DateTimeOffset at)
        {
            var written = new WrittenEntry[items.Count];
            for (var place = 0; place < written.Length; place++)
            {
                var entry = items[place].Entry;
                written[place] = new WrittenEntry(entry, items[place].Text);
                Sequence++;
                if (entry.Kind is AuditKinds.Call)
                {
                    open[entry.Id] = Sequence;
                }
                else
                {
                    open.Remove(entry.Id);
                }
            }

            (Chain, WrittenAt) = (chain, at);
            follower.Add(Activity, written, Sequence);
        }
    }
}
