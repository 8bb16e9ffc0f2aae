using Alter.Apps;
using Alter.Grants;
using Alter.Storage;
using Microsoft.Extensions.Logging;

namespace Alter.Refresh;

/// <summary>Looks after grants whose time has come: renews tokens ahead of expiry, ends lifetimes, repeats revocations at the provider.</summary>
public sealed class DueGrants(
    GrantStore store,
    DueIndex due,
    AlterQueues queues,
    GrantRefresher refresher,
    GrantRetry retry,
    SpilledRefresh spilled,
    RevokeAtProvider revocation,
    ConfigurationSource configuration,
    TimeProvider time,
    ILogger<DueGrants> logger)
{
    private const int MaxAttempts = 5;
    private static readonly TimeSpan HideFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan WriterMayTake = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LeaveAloneFor = TimeSpan.FromDays(1);
    private static readonly TimeSpan WhileSuspended = TimeSpan.FromHours(1);

    /// <summary>Queues what is due; every minute.</summary>
    public async Task DispatchAsync(CancellationToken cancellationToken)
    {
        var run = await due.DispatchAsync((message, token) => queues.SendAsync(AlterQueues.Refresh, message, token), HideFor, cancellationToken);
        RefreshMetrics.RecordBacklog(run.Due, run.Oldest is { } oldest ? time.GetUtcNow() - oldest : TimeSpan.Zero);
        if (run.Sent > 0)
        {
            Log.Dispatched(logger, run.Sent);
        }
    }

    /// <summary>Does what a grant's row says is due; a message that comes twice, late or forged changes nothing.</summary>
    /// <param name="message">Which grant.</param>
    /// <param name="attempt">How often this message was delivered; the fifth failure leaves the grant alone for a day.</param>
    /// <param name="cancellationToken">The host's; it does not cancel a refresh under way.</param>
    public async Task RunAsync(GrantMessage message, long attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Kind is GrantMessage.SpillKind)
        {
            await spilled.RunAsync(message, cancellationToken);
            return;
        }

        var found = await store.ReadAsync(new GrantKey(message.Gpk, message.Grk), message.Gid, cancellationToken);
        if (message.Kind is GrantMessage.LeaseKind or GrantMessage.RetryKind)
        {
            if (found is not null && ProviderOf(found) is { Suspension: null } owner)
            {
                await RunAskedAsync(message.Kind, found, owner, cancellationToken);
            }

            return;
        }

        if (found is not { } grant || grant.DueAt?.UtcTicks != message.Due)
        {
            await DropStaleAsync(message, cancellationToken);
            return;
        }

        if (attempt >= MaxAttempts)
        {
            Log.GaveUp(logger, grant.Id, attempt);
            await MoveDueAsync(grant, LeaveAloneFor, cancellationToken);
            return;
        }

        if (grant.RevocationToken is { } token && grant.Status is not GrantStatus.Active)
        {
            await revocation.TellAsync(grant, token, cancellationToken);
        }
        else if (grant.Status is GrantStatus.Active or GrantStatus.Pending && grant.StatusAt(time.GetUtcNow()) is GrantStatus.Expired)
        {
            await ExpireAsync(grant, cancellationToken);
        }
        else if (grant.Status is GrantStatus.Active && ProviderOf(grant) is { } provider)
        {
            // A suspended one is only looked at again later: its tokens stay as they are, and the first call after it is resumed renews them.
            await (provider.Suspension is null ? refresher.RefreshAsync(grant, provider).WaitAsync(cancellationToken) : MoveDueAsync(grant, WhileSuspended, cancellationToken));
        }
        else if (grant is { Status: GrantStatus.CredentialRevoked, Secrets.RefreshToken: not null, RefusedAt: { } refusedAt } && refusedAt + Grant.RefusedLifetime <= time.GetUtcNow())
        {
            await ForgetAsync(grant, cancellationToken);
        }
        else
        {
            // The document no longer has the app or provider (or cannot be read): nothing is renewed, nothing is lost.
            await MoveDueAsync(grant, LeaveAloneFor, cancellationToken);
        }
    }

    // Nobody waits for the answer, and a repetition does nothing more.
    private async Task RunAskedAsync(string kind, Grant grant, AppProvider provider, CancellationToken cancellationToken)
    {
        if (kind is GrantMessage.RetryKind)
        {
            await retry.RunAsync(grant, provider, cancellationToken);
        }
        else if (grant is { Status: GrantStatus.Active, Lease: { } lease } && lease.Generation == grant.Generation)
        {
            await refresher.RefreshAsync(grant, provider).WaitAsync(cancellationToken); // The lease was never given back.
        }
    }

    private AppProvider? ProviderOf(Grant grant) =>
        configuration.Current?.Apps.GetValueOrDefault(grant.Place.App)?.Providers.GetValueOrDefault(grant.Place.Provider);

    // The grant is gone or points to another row. A row of a moment ago stays until it comes up again: its writer may be between row and grant.
    private async Task DropStaleAsync(GrantMessage message, CancellationToken cancellationToken)
    {
        var at = new DateTimeOffset(Math.Clamp(message.Due, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);
        if (time.GetUtcNow() - at > WriterMayTake)
        {
            await due.DeleteAsync(message.Gid, at, cancellationToken);
        }
    }

    private async Task ExpireAsync(Grant grant, CancellationToken cancellationToken)
    {
        var ended = grant.Ended(GrantStatus.Expired, null, time.GetUtcNow());
        if (ended.DueAt is { } next)
        {
            await due.AddAsync(ended, next, cancellationToken);
        }

        if (await store.TryReplaceAsync(ended, cancellationToken) is { } stored)
        {
            await due.DeleteAsync(grant.Id, grant.DueAt!.Value, cancellationToken);
            if (stored.RevocationToken is { } token)
            {
                await revocation.TellAsync(stored, token, cancellationToken);
            }
        }
    }

    // The provider had a week to change its mind.
    private async Task ForgetAsync(Grant grant, CancellationToken cancellationToken)
    {
        if (await store.TryReplaceAsync(grant.Forgotten(), cancellationToken) is not null)
        {
            await due.DeleteAsync(grant.Id, grant.DueAt!.Value, cancellationToken);
        }
    }

    private async Task MoveDueAsync(Grant grant, TimeSpan delay, CancellationToken cancellationToken)
    {
        var next = time.GetUtcNow() + delay;
        next = grant.ExpiresAt > time.GetUtcNow() && grant.ExpiresAt < next ? grant.ExpiresAt.Value : next; // Its own end is never put off.
        await due.AddAsync(grant, next, cancellationToken);
        if (await store.TryReplaceAsync(grant with { DueAt = next }, cancellationToken) is not null)
        {
            await due.DeleteAsync(grant.Id, grant.DueAt!.Value, cancellationToken);
        }
    }
}
