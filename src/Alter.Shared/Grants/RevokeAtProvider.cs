using Alter.Apps;
using Alter.Providers;
using Alter.Storage;
using Alter.Tokens;

namespace Alter.Grants;

/// <summary>Tells the provider that a grant has ended (RFC 7009), then forgets the last token.</summary>
public sealed class RevokeAtProvider(
    GrantStore store,
    GrantKeys keys,
    AccountIndex accounts,
    DueIndex due,
    TokenEndpoint tokens,
    ConfigurationSource configuration,
    TimeProvider time)
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(2);

    /// <summary>Does what the grant's row says is still to be done; a message that comes twice, late or forged changes nothing.</summary>
    public async Task RunAsync(GrantMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (await store.ReadAsync(new GrantKey(message.Gpk, message.Grk), message.Gid, cancellationToken) is { RevocationToken: { } token } grant)
        {
            await TellAsync(grant, token, cancellationToken);
        }
    }

    /// <summary>The same for a row in hand.</summary>
    public async Task TellAsync(Grant grant, RevocationToken token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentNullException.ThrowIfNull(token);
        if (grant.Status is GrantStatus.Active or GrantStatus.Pending)
        {
            return; // Only an ended grant has anything to tell; a row that says otherwise was tampered with.
        }

        if (await OutcomeAsync(grant, token, cancellationToken) is { } outcome)
        {
            await ForgetAsync(grant, outcome, cancellationToken);
        }
        else if (time.GetUtcNow() - (grant.RevokedAt ?? grant.ExpiresAt ?? grant.CreatedAt) > GiveUpAfter)
        {
            await ForgetAsync(grant, RevocationOutcomes.GaveUp, cancellationToken);
        }
        else
        {
            await RetryLaterAsync(grant, cancellationToken);
        }
    }

    // The outcome, or null where it is worth trying again.
    private async Task<string?> OutcomeAsync(Grant grant, RevocationToken token, CancellationToken cancellationToken)
    {
        if (configuration.Current is null)
        {
            return null; // A document that cannot be read says nothing about what left it.
        }

        if (configuration.Current.Apps.GetValueOrDefault(grant.Place.App)?.Providers.GetValueOrDefault(grant.Place.Provider) is not { } provider)
        {
            return RevocationOutcomes.NotPossible;
        }

        if (provider.Definition.Revocation is RevocationKind.None)
        {
            return RevocationOutcomes.NotOffered;
        }

        // One token's revocation would end every grant of this account at this client, another user's too. What nobody completed was perhaps brought by a
        // stranger, whose own grants it must not end.
        if (provider.Definition.Revocation is RevocationKind.Account && (GrantRow.IsPending(grant.Key.Row) || await HasActiveSiblingAsync(grant, cancellationToken)))
        {
            return RevocationOutcomes.SharedAccount;
        }

        if (await OpenAsync(grant, token, cancellationToken) is not { } text)
        {
            return RevocationOutcomes.NotPossible;
        }

        return (await tokens.RevokeAsync(provider, text, token.IsAccessToken, cancellationToken)).Succeeded(out var answer, out _)
            ? answer is ProviderRevocation.Confirmed ? RevocationOutcomes.Confirmed : RevocationOutcomes.NotOffered
            : null;
    }

    private async Task<bool> HasActiveSiblingAsync(Grant grant, CancellationToken cancellationToken)
    {
        foreach (var (key, id) in await accounts.ListOthersAsync(grant, cancellationToken))
        {
            // The index may be stale: only the row counts.
            if (await store.ReadAsync(key, cancellationToken) is { } other && other.Id == id && other.StatusAt(time.GetUtcNow()) is GrantStatus.Active)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<string?> OpenAsync(Grant grant, RevocationToken token, CancellationToken cancellationToken)
    {
        if (await keys.FindAsync(grant, cancellationToken) is not { } key)
        {
            return null;
        }

        if (token.IsAccessToken)
        {
            var secrets = grant.Secrets with { AccessToken = token.Sealed };
            return secrets.TryOpenAccessToken(key, grant.Place, grant.Generation, out var access) ? access.Reveal() : null;
        }
        else
        {
            var secrets = grant.Secrets with { RefreshToken = token.Sealed };
            return secrets.TryOpenRefreshToken(key, grant.Place, grant.Generation, out var refresh) ? refresh.Reveal() : null;
        }
    }

    private async Task ForgetAsync(Grant grant, string outcome, CancellationToken cancellationToken)
    {
        if (grant.IsErased)
        {
            await RemoveAsync(grant, cancellationToken);
            return;
        }

        // Read before the write below: should Connect renew this very grant, its index row has another version by the time of the removal.
        var indexed = await accounts.FindAsync(grant, cancellationToken);
        var told = grant with { RevocationToken = null, RevocationOutcome = outcome, DueAt = null, Fails = 0 };
        if (await store.TryReplaceAsync(told, cancellationToken) is null)
        {
            return; // Somebody else told the provider, or Connect replaced the row: the next message finds out.
        }

        if (indexed is { } version)
        {
            await accounts.RemoveAsync(grant, version, cancellationToken);
        }

        if (grant.DueAt is { } at)
        {
            await due.DeleteAsync(grant.Id, at, cancellationToken);
        }
    }

    // Its user was erased, and its last purpose is fulfilled. The row goes last: as long as it is there, the sweep leads back here.
    private async Task RemoveAsync(Grant grant, CancellationToken cancellationToken)
    {
        if (grant.DueAt is { } at)
        {
            await due.DeleteAsync(grant.Id, at, cancellationToken);
        }

        await store.TryDeleteAsync(grant, cancellationToken);
    }

    private async Task RetryLaterAsync(Grant grant, CancellationToken cancellationToken)
    {
        var delay = TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << Math.Clamp(grant.Fails, 0, 10)));
        var next = time.GetUtcNow() + (delay * (0.8 + (0.4 * Random.Shared.NextDouble())));
        await due.AddAsync(grant, next, cancellationToken);
        if (await store.TryReplaceAsync(grant with { DueAt = next, Fails = grant.Fails + 1 }, cancellationToken) is not null && grant.DueAt is { } old)
        {
            await due.DeleteAsync(grant.Id, old, cancellationToken);
        }
    }
}
