using Alter.Storage;
using Microsoft.Extensions.Logging;

namespace Alter.Connect;

/// <summary>Deletes sessions and flows past their hour. Nothing depends on it: every reader checks the expiry itself.</summary>
/// <remarks>A query over partitions that begin with an hour gone by, then a transaction per partition: the cost follows what expired, not what is stored.</remarks>
public sealed class ConnectPurge(AlterTables tables, JobMarks marks, TimeProvider time, ILogger<ConnectPurge> logger)
{
    private const string Job = "connect-purge";
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>Purges, if an hour has passed since the last time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mark = await marks.ReadAsync(Job, cancellationToken);
        var now = time.GetUtcNow();
        if (mark.DueAt > now || !await marks.TryMoveAsync(Job, mark, null, now.AddHours(1), cancellationToken))
        {
            return;
        }

        var count = await HourPartitions.PurgeAsync(tables.Connect, now - Kept, cancellationToken);
        if (count > 0)
        {
            Log.Purged(logger, count);
        }
    }
}
