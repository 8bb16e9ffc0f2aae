using Alter.Storage;
using Microsoft.Extensions.Logging;

namespace Alter.Refresh;

/// <summary>Sends new tokens, sealed, to the queue as well where tables take longer than two seconds: so they survive the process that redeemed them.</summary>
public sealed class TokenSpill(AlterQueues queues, TimeProvider time, ILogger<TokenSpill> logger)
{
    private static readonly TimeSpan After = TimeSpan.FromSeconds(2);

    /// <summary>Stores, and spills beside it: storage that hangs says nothing for seconds.</summary>
    /// <param name="redemption">What the provider answered.</param>
    /// <param name="store">Stores it.</param>
    /// <returns>What the storing came to.</returns>
    internal async Task<T> BesideAsync<T>(Redemption redemption, Func<Task<T>> store)
    {
        using var settled = new CancellationTokenSource();
        var spilling = SpillAsync(redemption, settled.Token);
        try
        {
            return await store();
        }
        finally
        {
            await settled.CancelAsync();
            await spilling;
        }
    }

    private async Task SpillAsync(Redemption redemption, CancellationToken settled)
    {
        try
        {
            do
            {
                await Task.Delay(After, time, settled);
            }
            while (!await TrySendAsync(redemption));
        }
        catch (OperationCanceledException)
        {
            // Stored, or of no use any more.
        }
    }

    private async Task<bool> TrySendAsync(Redemption redemption)
    {
        var leased = redemption.Leased;
        try
        {
            var payload = SpilledTokens.Seal(redemption.Key, leased.Place, leased.Generation + 1, redemption.Secrets, redemption.Tokens, redemption.AnsweredAt);
            await queues.SendAsync(
                AlterQueues.Refresh,
                new GrantMessage(GrantMessage.Version, GrantMessage.SpillKind, leased.Key.Partition, leased.Key.Row, leased.Id, 0, payload),
                CancellationToken.None);
            Log.Spilled(logger, leased.Id);
            RefreshMetrics.Count(leased.Place.Provider, RefreshMetrics.Spilled);
            return true;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            Log.SpillFailed(logger, leased.Id, e);
            return false;
        }
    }
}
