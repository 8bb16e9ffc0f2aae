using System.Collections.Concurrent;

namespace Alter.Keys;

/// <summary>
/// The key versions this process has met. The current one is asked for again every five minutes (± 10 %); versions once read are kept,
/// so a source that is down does not stop what is already known.
/// </summary>
public sealed class KeyRing(IKeySource source, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan CurrentLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MissLifetime = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, KeyEncryptionKey> known = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> misses = new();
    private readonly ConcurrentDictionary<string, Once<KeyEncryptionKey?>> previous = new();
    private readonly SemaphoreSlim gate = new(1);
    private volatile Current? current;

    private sealed record Current(KeyEncryptionKey Key, DateTimeOffset AskAgainAt);

    /// <summary>The version that writes use.</summary>
    /// <exception cref="KeySourceException">It was never had and cannot be had now.</exception>
    public async ValueTask<KeyEncryptionKey> CurrentAsync(CancellationToken cancellationToken)
    {
        if (current is { } fresh && fresh.AskAgainAt > time.GetUtcNow())
        {
            return fresh.Key;
        }

        await gate.WaitAsync(cancellationToken);
        try
        {
            if (current is { } meanwhile && meanwhile.AskAgainAt > time.GetUtcNow())
            {
                return meanwhile.Key;
            }

            try
            {
                var key = await source.ReadCurrentAsync(cancellationToken);
                key = known.GetOrAdd(key.Version, key);
                current = new Current(key, time.GetUtcNow() + (CurrentLifetime * (0.9 + (0.2 * Random.Shared.NextDouble()))));
                return key;
            }
            catch (KeySourceException) when (current is not null)
            {
                // The source is down: the key in memory keeps serving, and is asked for again soon.
                current = current with { AskAgainAt = time.GetUtcNow() + TimeSpan.FromSeconds(15) };
                return current.Key;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>One version, fetched where it is not known yet; null where it is not to be had (then not asked for again for a minute).</summary>
    /// <exception cref="KeySourceException">The version is not known here and the source does not answer.</exception>
    public async ValueTask<KeyEncryptionKey?> FindAsync(string version, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(version, out var key))
        {
            return key;
        }

        // A row's version drives an outgoing call: only a well-formed one, one at a time, and a miss is remembered.
        if (!KeyEncryptionKey.VersionPattern.IsMatch(version) || IsMissed(version))
        {
            return null;
        }

        await gate.WaitAsync(cancellationToken);
        try
        {
            if (known.TryGetValue(version, out key) || IsMissed(version))
            {
                return key;
            }

            if (await source.ReadVersionAsync(version, cancellationToken) is { } read)
            {
                return known.GetOrAdd(version, read);
            }

            if (misses.Count >= 1000)
            {
                misses.Clear(); // Bounded: whoever writes rows could fill it.
            }

            misses[version] = time.GetUtcNow() + MissLifetime;
            return null;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The version before the current one: what it tagged minutes ago is still valid.</summary>
    /// <exception cref="KeySourceException">The source does not answer.</exception>
    public async ValueTask<KeyEncryptionKey?> PreviousAsync(CancellationToken cancellationToken)
    {
        var newest = await CurrentAsync(cancellationToken);
        return await previous
            .GetOrAdd(newest.Version, _ => new Once<KeyEncryptionKey?>(() => source.ReadPreviousAsync(newest, CancellationToken.None)))
            .GetAsync(cancellationToken);
    }

    public void Dispose() => gate.Dispose();

    private bool IsMissed(string version) => misses.TryGetValue(version, out var until) && until > time.GetUtcNow();
}
