using Microsoft.Extensions.Logging;

namespace Alter.Identity;

/// <summary>The keys of one issuer over time.</summary>
internal sealed class IssuerKeys(KeySource source, KeyDownload download, TimeProvider time, ILogger log)
{
    // A12: attackers who invent key ids make us fetch no oftener than this.
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FreshFor = TimeSpan.FromHours(12);
    private static readonly TimeSpan UsableFor = TimeSpan.FromHours(24);

    private readonly Lock gate = new();
    private KeySet? lastGood;
    private DateTimeOffset lastGoodAt;
    private DateTimeOffset? triedAt;
    private Task? flight;
    private string problem = "";

    /// <summary>The keys, or why there are none.</summary>
    internal async ValueTask<(KeySet? Keys, string Problem)> FindAsync(string? keyId, CancellationToken cancellationToken)
    {
        Task? pending;
        lock (gate)
        {
            var usable = Usable();
            var isKnown = usable?.Knows(keyId) is true;
            if (isKnown && time.GetUtcNow() - lastGoodAt < FreshFor)
            {
                return (usable, "");
            }

            if (flight is null && (triedAt is null || time.GetUtcNow() - triedAt >= RefreshInterval))
            {
                triedAt = time.GetUtcNow();
                // Not this caller's token: others wait for the same flight, and it ends by its own deadline.
                flight = Task.Run(RefreshAsync, CancellationToken.None);
            }

            // Where the key is known the caller needs no newer set; the next one will find it.
            pending = isKnown ? null : flight;
        }

        if (pending is not null)
        {
            await pending.WaitAsync(cancellationToken);
        }

        lock (gate)
        {
            return (Usable(), problem);
        }
    }

    private KeySet? Usable() => time.GetUtcNow() - lastGoodAt < UsableFor ? lastGood : null;

    private async Task RefreshAsync()
    {
        KeySet? fetched = null;
        var fault = "It failed unexpectedly.";
        try
        {
            (fetched, fault) = await download.FetchAsync(source);
        }
        finally
        {
            lock (gate)
            {
                flight = null;
                problem = fault;
                if (fetched is not null)
                {
                    (lastGood, lastGoodAt) = (fetched, time.GetUtcNow());
                }
            }

            if (fetched is null)
            {
                log.KeysNotFetched(source.Issuer, fault);
            }
        }
    }
}
