using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Alter.Keys;

/// <summary>
/// The key versions this process has met. Each is asked for again after five minutes at most, so that a new one comes into use and a disabled one goes out
/// of it; while the source is down, or somebody else is asking, what is in memory keeps serving.
/// </summary>
public sealed class KeyRing(IKeySource source, TimeProvider time) : IDisposable
{
    /// <summary>How long a key is used without asking its source; up to a tenth less, so that instances do not ask in step.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan MissLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Held> known = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> misses = new();
    private readonly ConcurrentDictionary<string, Once<KeyEncryptionKey?>> previous = new();
    private readonly SemaphoreSlim askingCurrent = new(1, 1);
    private readonly SemaphoreSlim askingVersion = new(1, 1);
    private volatile Held? current;
    private volatile Fault? previousFault;
    private volatile KeySourceException? currentFailure;
    private volatile KeySourceException? versionFailure;
    private DateTimeOffset newestAskedAt;

    private sealed record Held(KeyEncryptionKey Key, DateTimeOffset AskAgainAt);

    private sealed record Fault(string Message, DateTimeOffset AskAgainAt);

    /// <summary>The version that writes use.</summary>
    /// <exception cref="KeySourceException">It was never had and cannot be had now.</exception>
    public async ValueTask<KeyEncryptionKey> CurrentAsync(CancellationToken cancellationToken)
    {
        if (current is { } held)
        {
            if (held.AskAgainAt > time.GetUtcNow() || !await askingCurrent.WaitAsync(TimeSpan.Zero, cancellationToken))
            {
                return held.Key;
            }
        }
        else
        {
            // Who waits behind one that fails hears the same: asked one after the other, each would wait for all before it.
            var before = currentFailure;
            await askingCurrent.WaitAsync(cancellationToken);
            if (current is null && currentFailure is { } failure && failure != before)
            {
                askingCurrent.Release();
                throw new KeySourceException(failure.Message, failure);
            }
        }

        try
        {
            if (current is { } meanwhile && meanwhile.AskAgainAt > time.GetUtcNow())
            {
                return meanwhile.Key;
            }

            try
            {
                current = Keep(await ReadNewestAsync(cancellationToken));
            }
            catch (KeySourceException e)
            {
                currentFailure = e;
                if (current is not { } stays)
                {
                    throw;
                }

                current = stays with { AskAgainAt = time.GetUtcNow() + PauseAfterFault };
            }

            return current.Key;
        }
        finally
        {
            askingCurrent.Release();
        }
    }

    /// <summary>The newest version as its source has it at this moment: for whoever would act on a change of it.</summary>
    /// <exception cref="KeySourceException">The source does not answer.</exception>
    public async Task<KeyEncryptionKey> NewestAsync(CancellationToken cancellationToken)
    {
        await askingCurrent.WaitAsync(cancellationToken);
        try
        {
            return (current = Keep(await ReadNewestAsync(cancellationToken))).Key;
        }
        finally
        {
            askingCurrent.Release();
        }
    }

    /// <summary>
    /// The keys that may have made what names no version: the current one, the one before it and, where neither did, one so new that another instance
    /// knows it and this one does not yet.
    /// </summary>
    /// <exception cref="KeySourceException">The source does not answer.</exception>
    public async IAsyncEnumerable<KeyEncryptionKey> PossibleAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var newest = await CurrentAsync(cancellationToken);
        yield return newest;
        if (await PreviousAsync(cancellationToken) is { } before)
        {
            yield return before;
        }

        if (await NewerAsync(newest, cancellationToken) is { } newer)
        {
            yield return newer;
        }
    }

    /// <summary>One version, fetched where it is not known yet; null where it is not to be had (then not asked for again for a minute).</summary>
    /// <exception cref="KeySourceException">The version is not known here and the source does not answer.</exception>
    public async ValueTask<KeyEncryptionKey?> FindAsync(string version, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(version, out var held))
        {
            if (held.AskAgainAt > time.GetUtcNow() || !await askingVersion.WaitAsync(TimeSpan.Zero, cancellationToken))
            {
                return held.Key;
            }
        }
        else if (!KeyEncryptionKey.VersionPattern.IsMatch(version) || IsMissed(version))
        {
            // A row's version drives an outgoing call: only a well-formed one, one at a time, and a miss is remembered.
            return null;
        }
        else
        {
            var before = versionFailure;
            await askingVersion.WaitAsync(cancellationToken);
            if (versionFailure is { } failure && failure != before && !known.ContainsKey(version))
            {
                askingVersion.Release();
                throw new KeySourceException(failure.Message, failure);
            }
        }

        try
        {
            held = known.GetValueOrDefault(version);
            if (held?.AskAgainAt > time.GetUtcNow() || (held is null && IsMissed(version)))
            {
                return held?.Key;
            }

            return await ReadAsync(version, held, cancellationToken);
        }
        catch (KeySourceException e)
        {
            versionFailure = e;
            throw;
        }
        finally
        {
            askingVersion.Release();
        }
    }

    /// <summary>The version before the current one: what it tagged minutes ago is still valid.</summary>
    /// <exception cref="KeySourceException">The source does not answer.</exception>
    public async ValueTask<KeyEncryptionKey?> PreviousAsync(CancellationToken cancellationToken)
    {
        var newest = await CurrentAsync(cancellationToken);
        if (previousFault is { } fault && fault.AskAgainAt > time.GetUtcNow())
        {
            throw new KeySourceException(fault.Message); // Anyone's junk token leads here: it must not drive calls to a source that does not answer.
        }

        try
        {
            var before = await previous
                .GetOrAdd(newest.Version, _ => new Once<KeyEncryptionKey?>(async () => await CountedAsync(source.ReadPreviousAsync(newest, CancellationToken.None)) is { } read ? Keep(read).Key : null))
                .GetAsync(cancellationToken);
            return before is null ? null : await FindAsync(before.Version, cancellationToken); // Asked for again in time: it may have been disabled.
        }
        catch (KeySourceException e)
        {
            previousFault = new Fault(e.Message, time.GetUtcNow() + PauseAfterFault);
            throw;
        }
    }

    public void Dispose()
    {
        askingCurrent.Dispose();
        askingVersion.Dispose();
    }

    // Under the lock of the current version.
    private Task<KeyEncryptionKey> ReadNewestAsync(CancellationToken cancellationToken)
    {
        newestAskedAt = time.GetUtcNow();
        return CountedAsync(source.ReadCurrentAsync(cancellationToken));
    }

    private static async Task<T> CountedAsync<T>(Task<T> asking)
    {
        try
        {
            return await asking;
        }
        catch (KeySourceException)
        {
            KeyMetrics.CountFailure(KeyMetrics.Keys);
            throw;
        }
    }

    // Anyone's junk token leads here, so the source is asked once in two seconds at most, whatever it says.
    private async Task<KeyEncryptionKey?> NewerAsync(KeyEncryptionKey than, CancellationToken cancellationToken)
    {
        await askingCurrent.WaitAsync(cancellationToken);
        try
        {
            if (newestAskedAt <= time.GetUtcNow() - BetweenLooks)
            {
                current = Keep(await ReadNewestAsync(cancellationToken));
            }
        }
        catch (KeySourceException)
        {
            // What is in memory keeps serving.
        }
        finally
        {
            askingCurrent.Release();
        }

        return current?.Key is { } newest && newest.Version != than.Version ? newest : null;
    }

    private async Task<KeyEncryptionKey?> ReadAsync(string version, Held? held, CancellationToken cancellationToken)
    {
        try
        {
            if (await CountedAsync(source.ReadVersionAsync(version, cancellationToken)) is { } read)
            {
                return Keep(read).Key;
            }
        }
        catch (KeySourceException) when (held is not null)
        {
            known[version] = held with { AskAgainAt = time.GetUtcNow() + PauseAfterFault };
            return held.Key;
        }

        if (misses.Count >= 1000)
        {
            misses.Clear(); // Bounded: whoever writes rows could fill it.
        }

        known.TryRemove(version, out _);
        misses[version] = time.GetUtcNow() + MissLifetime;
        return null;
    }

    // The key met first stays: it has its derived keys already.
    private Held Keep(KeyEncryptionKey read)
    {
        var askAgainAt = time.GetUtcNow() + (Lifetime * (0.9 + (0.1 * Random.Shared.NextDouble())));
        return known.AddOrUpdate(read.Version, _ => new Held(read, askAgainAt), (_, held) => held with { AskAgainAt = askAgainAt });
    }

    private bool IsMissed(string version) => misses.TryGetValue(version, out var until) && until > time.GetUtcNow();
}
