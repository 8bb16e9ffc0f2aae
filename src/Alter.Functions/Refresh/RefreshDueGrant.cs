using Alter.Refresh;
using Alter.Storage;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Refresh;

/// <summary>Queue <c>refresh</c>: looks after one grant whose time has come.</summary>
public sealed class RefreshDueGrant(DueGrants due)
{
    [Function(nameof(RefreshDueGrant))]
    public async Task Run(
        [QueueTrigger(AlterQueues.Refresh, Connection = AlterStorageOptions.Connection)] string message,
        long dequeueCount,
        CancellationToken cancellationToken)
    {
        if (GrantMessage.Parse(message) is { } grant)
        {
            await due.RunAsync(grant, dequeueCount, cancellationToken);
        }
    }
}
