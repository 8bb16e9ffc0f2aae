using System.Runtime.CompilerServices;
using Alter.Keys;
using Alter.Storage;
using Microsoft.Extensions.Logging;

namespace Alter.Audit;

/// <summary>Goes on from the last seal: only from one that a key of the vault vouches for, because what a new seal says rests on it.</summary>
internal sealed class SealChain(AlterTables tables, KeyRing ring, ILogger logger)
{
    // A lane takes about 320 bytes of a row, which holds 1 MiB.
    private const int MostLanes = 2_000;
    private const int MostPassedOver = 50;
    private const int Page = 8;

    private readonly AuditSealStore seals = new(tables);

    /// <summary>Where the seals stand.</summary>
    /// <param name="Last">The newest; null: none was ever written.</param>
    /// <param name="KeyVersion">The version it is under.</param>
    /// <param name="Heads">The lanes of the newest pass: its last seal, those written beside it, and those of the minutes before, should that pass have been cut off.</param>
    internal sealed record Standing(AuditSeal? Last, string KeyVersion, IReadOnlyDictionary<string, SealedHead> Heads);

    /// <summary>Reads it.</summary>
    /// <returns>Null where rows are there and none of the newest is one that this process can tell to be the vault's: nothing may be built on them, which the log says.</returns>
    /// <remarks>One storage operation.</remarks>
    internal async Task<Standing?> ReadAsync(CancellationToken cancellationToken)
    {
        AuditSeal? last = null;
        var (version, heads, passedOver) = ("", new Dictionary<string, SealedHead>(StringComparer.Ordinal), 0);
        await foreach (var (stored, trust) in JudgeAsync(Page, cancellationToken))
        {
            if (trust is not Trust.Ours)
            {
                Say(stored, trust);
                if (++passedOver > MostPassedOver)
                {
                    break;
                }

                continue;
            }

            var seal = stored.Seal!;
            if (last is null)
            {
                (last, version) = (seal, stored.KeyVersion);
            }
            else if (seal.At < last.At - (SealRecord.Interval * 2))
            {
                break;
            }

            foreach (var (lane, head) in seal.Heads)
            {
                heads.TryAdd(lane, head); // The newest says most.
            }
        }

        return last is null && passedOver > 0 ? null : new Standing(last, version, heads);
    }

    /// <summary>Adds what a pass found; more lanes than a row holds make several seals.</summary>
    /// <returns>False where another sealer was faster: the next minute covers what this one did not.</returns>
    /// <remarks>One storage operation for 2,000 lanes; one more on a conflict.</remarks>
    internal async Task<bool> AddAsync(
        Standing on, IReadOnlyDictionary<string, SealedHead> heads, DateTimeOffset now, string? dropped, long oldest, CancellationToken cancellationToken)
    {
        var key = await ring.CurrentAsync(cancellationToken);
        var last = on.Last;
        foreach (var part in heads.OrderBy(head => head.Key, StringComparer.Ordinal).Chunk(MostLanes).DefaultIfEmpty([]))
        {
            var seal = new AuditSeal(
                (last?.Number ?? 0) + 1,
                now,
                part.ToDictionary(StringComparer.Ordinal),
                last is null ? AuditChain.Beginning : AuditChain.SealHash(last, last.HeadsText()),
                dropped,
                oldest);
            if (await seals.TryAddAsync(seal, key, cancellationToken) is not { } hash)
            {
                return false;
            }

            Log.Sealed(logger, seal.Number, part.Length, Convert.ToHexStringLower(hash)); // An anchor outside the storage account.
            last = seal;
        }

        return true;
    }

    /// <summary>The first seal of the months that stay; the newest where none is of them. What the vault did not write neither lengthens nor shortens them.</summary>
    /// <remarks>A storage operation per 1,000.</remarks>
    internal async Task<long> OldestAsync(Standing on, string kept, CancellationToken cancellationToken)
    {
        var oldest = on.Last?.Number ?? 1;
        await foreach (var (stored, trust) in JudgeAsync(null, cancellationToken))
        {
            if (trust is Trust.Ours && string.CompareOrdinal(RowKeys.Month(stored.Seal!.At), kept) < 0)
            {
                break;
            }

            oldest = trust is Trust.Ours ? Math.Min(oldest, stored.Seal!.Number) : oldest;
        }

        return oldest;
    }

    private enum Trust
    {
        Ours,
        NotOurs,
        WithoutKey,
    }

    // The newest first. One that a trusted one names needs no key.
    private async IAsyncEnumerable<(AuditSealStore.StoredSeal Stored, Trust Trust)> JudgeAsync(int? page, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[]? named = null;
        await foreach (var stored in seals.ListAsync(cancellationToken, page))
        {
            var trust = !stored.IsWhole || !KeyEncryptionKey.VersionPattern.IsMatch(stored.KeyVersion) ? Trust.NotOurs
                : named is not null && AuditChain.AreSame(named, stored.Hash) ? Trust.Ours
                : await ring.FindAsync(stored.KeyVersion, cancellationToken) is not { } key ? Trust.WithoutKey
                : AuditChain.IsAuthentic(key, stored.Hash, stored.Mac) ? Trust.Ours
                : Trust.NotOurs;
            named = trust is Trust.Ours ? stored.Seal!.Previous : named;
            yield return (stored, trust);
        }
    }

    private void Say(AuditSealStore.StoredSeal stored, Trust trust)
    {
        if (trust is Trust.WithoutKey)
        {
            Log.SealWithoutKey(logger, stored.Place, stored.KeyVersion);
        }
        else
        {
            Log.SealOfAnother(logger, stored.Place);
        }
    }
}
