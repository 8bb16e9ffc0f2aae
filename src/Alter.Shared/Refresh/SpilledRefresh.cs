using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;
using Microsoft.Extensions.Logging;

namespace Alter.Refresh;

/// <summary>Stores tokens that came by queue because tables did not take them when the provider answered. The process that redeemed them may be gone.</summary>
public sealed class SpilledRefresh(
    GrantStore store,
    GrantKeys keys,
    KeyRing ring,
    RefreshCommit commit,
    AlterQueues queues,
    ConfigurationSource configuration,
    TimeProvider time,
    ILogger<SpilledRefresh> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    // About a week.
    private const int MostTries = 2000;

    /// <summary>Stores them, if the grant's generation is still the one they were redeemed for; puts the message back while that cannot be said.</summary>
    public async Task RunAsync(GrantMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var tries = Math.Clamp(message.Due, 0, MostTries) + 1;
        try
        {
            if (await IsDoneAsync(message, cancellationToken))
            {
                return;
            }
        }
        catch (Exception e) when ((StorageFault.Is(e) || e is KeySourceException) && !cancellationToken.IsCancellationRequested)
        {
            Log.SpillWaits(logger, message.Gid, tries, e);
        }

        if (tries > MostTries)
        {
            Log.NotStored(logger, message.Gid);
            return;
        }

        // The queue works where tables do not. Sent anew, for a message that keeps failing would end in the poison queue after a few minutes.
        var pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << (int)Math.Min(tries, 10)));
        await queues.SendAsync(AlterQueues.Refresh, message with { Due = tries }, CancellationToken.None, pause);
    }

    private async Task<bool> IsDoneAsync(GrantMessage message, CancellationToken cancellationToken)
    {
        var payload = message.Payload ?? "";
        var version = SpilledTokens.KeyVersionOf(payload);
        if (version.Length == 0 || await store.ReadAsync(new GrantKey(message.Gpk, message.Grk), message.Gid, cancellationToken) is not { } row || row.Id != message.Gid)
        {
            Log.SpillNotNeeded(logger, message.Gid);
            return true;
        }

        if (await ring.FindAsync(version, cancellationToken) is not { } key)
        {
            return false; // A version that was disabled may be enabled again.
        }

        if (SpilledTokens.TryOpen(key, row.Place, row.Generation + 1, payload) is not { } spilled
            || spilled.ToTokens() is not { } tokens
            || await ring.FindAsync(row.Secrets.KeyVersion, cancellationToken) is not { } rowKey
            || row.Secrets.TryOpenProfile(rowKey, row.Place, row.Generation) is not { } profile)
        {
            Log.SpillNotNeeded(logger, message.Gid);
            return true;
        }

        if (configuration.Current?.Apps.GetValueOrDefault(row.Place.App)?.Providers.GetValueOrDefault(row.Place.Provider) is not { } provider)
        {
            return false; // A document may get back what it lost; tokens do not.
        }

        var secrets = new OpenSecrets(tokens.AccessToken, tokens.RefreshToken, profile);
        if (await TakerAsync(row, cancellationToken) is { } taker)
        {
            await commit.StoreAsync(new Redemption(taker, provider, await ring.CurrentAsync(cancellationToken), secrets, tokens, null, spilled.AnsweredAt));
        }
        else
        {
            await commit.DiscardAsync(row, provider, secrets);
        }

        return true;
    }

    // The seal proves the tokens, not the row: only one that is as the vault wrote it takes them, or a revoked grant could be written back to life.
    private async Task<Grant?> TakerAsync(Grant row, CancellationToken cancellationToken) =>
        row.RefusalAt(time.GetUtcNow()) is not null ? await commit.ReopenedAsync(row)
        : (await keys.AuthenticateAsync(row, cancellationToken)).Succeeded(out _, out _) ? row
        : null;
}
