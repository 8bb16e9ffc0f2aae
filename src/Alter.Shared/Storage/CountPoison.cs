namespace Alter.Storage;

/// <summary>Looks every minute how many messages were given up. No metric of the platform tells that of one queue.</summary>
public sealed class CountPoison(AlterQueues queues)
{
    /// <summary>One look, where somebody listens.</summary>
    /// <remarks>Two queue operations; none where nobody listens.</remarks>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!QueueMetrics.IsMeasured)
        {
            return;
        }

        foreach (var queue in (string[])[AlterQueues.Refresh, AlterQueues.Revoke])
        {
            QueueMetrics.RecordPoison(queue, await queues.CountPoisonAsync(queue, cancellationToken));
        }
    }
}
