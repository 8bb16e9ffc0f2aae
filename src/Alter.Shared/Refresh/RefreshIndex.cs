using Alter.Grants;
using Alter.Providers;
using Alter.Storage;
using Microsoft.Extensions.Logging;

namespace Alter.Refresh;

/// <summary>When a grant is looked at again. An index must not cost a token: what cannot be written is logged, and the daily sweep repairs it.</summary>
public sealed class RefreshIndex(DueIndex due, AlterQueues queues, TimeProvider time, ILogger<RefreshIndex> logger)
{
    /// <summary>When a grant is looked at that has, or will have, a token of this life.</summary>
    internal DateTimeOffset? NextDue(Grant grant, ProviderDefinition definition, TimeSpan? lifetime) =>
        RefreshSchedule.NextDue(lifetime, definition.RefreshTokenIdleLifetime, grant.ExpiresAt, time.GetUtcNow());

    /// <summary>Adds a due row, before the grant points to it.</summary>
    internal Task AddAsync(Grant grant, DateTimeOffset? at) =>
        at is { } instant ? TryAsync(grant, () => due.AddAsync(grant, instant, CancellationToken.None)) : Task.CompletedTask;

    /// <summary>Deletes the due row the grant pointed to, after it points elsewhere.</summary>
    internal Task MoveAsync(Grant grant, DateTimeOffset? kept) =>
        grant.DueAt is { } old && old != kept ? TryAsync(grant, () => due.DeleteAsync(grant.Id, old, CancellationToken.None)) : Task.CompletedTask;

    /// <summary>Has somebody look when a lease ends, so that a refresh that was cut off is repeated while its spent token is still accepted.</summary>
    internal Task AskAgainAsync(Grant leased) => TryAsync(leased, () => queues.SendAsync(
        AlterQueues.Refresh,
        new GrantMessage(GrantMessage.Version, GrantMessage.LeaseKind, leased.Key.Partition, leased.Key.Row, leased.Id, 0),
        CancellationToken.None,
        leased.Lease!.Until - time.GetUtcNow() + TimeSpan.FromSeconds(1)));

    private async Task TryAsync(Grant grant, Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            Log.DueNotWritten(logger, grant.Id, e);
        }
    }
}
