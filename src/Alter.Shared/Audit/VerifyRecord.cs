using Alter.Grants;
using Alter.Keys;
using Alter.Storage;
using Azure.Data.Tables;

namespace Alter.Audit;

/// <summary>What verifying the record came to.</summary>
/// <param name="Entries">Entries met.</param>
/// <param name="Lanes">Lanes met.</param>
/// <param name="Seals">Seals met.</param>
/// <param name="Faults">What was taken away, changed or moved, a sentence each.</param>
/// <param name="Unchecked">What could not be checked, a sentence each.</param>
public sealed record RecordVerdict(long Entries, int Lanes, long Seals, IReadOnlyList<string> Faults, IReadOnlyList<string> Unchecked);

/// <summary>A seal's hash as the vault's log has it.</summary>
/// <param name="Number">The seal.</param>
/// <param name="Hash">32 bytes.</param>
public sealed record SealAnchor(long Number, byte[] Hash);

/// <summary>Reads the whole record and names what is not as the vault wrote it. It writes nothing.</summary>
/// <remarks>
/// <code>
///   1 seals, the newest first: number, content, MAC, and that each names the one before
///   2 per lane: numbers without a gap from 0, every entry's chain and MAC, and that each names the one before
///   3 every lane of a seal is there, as far as the seal says, with the chain it says; every lane has a seal, and is where its name says
///   4 every lane that another goes on from is there
///   5 grants: none stands before what the record last said of it
/// </code>
/// Of a key version that is gone the MACs cannot be checked, and need not be: the vault seals anew with each new version, so what is older is vouched for by
/// a seal under a key that is there. What nobody vouches for is a fault, whatever version it names.
/// What nobody can see: the newest entries taken off a lane that no seal covers yet, which a minute bounds; and the newest seals taken together with all they
/// cover, unless the log's anchors are given.
/// </remarks>
public sealed class VerifyRecord(AlterTables tables, KeyRing ring)
{
    private const int MostFaults = 200;

    private readonly List<string> faults = [];
    private readonly List<string> notChecked = [];
    private readonly HashSet<string> met = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> predecessors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SealedHead Head, long Seal)> expected = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, (int Generation, string Status, DateTimeOffset At)> standings = [];
    private long entries;
    private long seals;
    private int lanes;

    /// <summary>Verifies it.</summary>
    /// <param name="anchors">Seals whose hash is known from elsewhere.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <remarks>A storage operation per 1,000 rows.</remarks>
    public async Task<RecordVerdict> RunAsync(IReadOnlyList<SealAnchor> anchors, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(anchors);
        var newest = await ReadSealsAsync(anchors, cancellationToken); // 1
        foreach (var month in await tables.ListAuditMonthsAsync(cancellationToken))
        {
            await ReadMonthAsync(month, newest, cancellationToken); // 2, 3
        }

        foreach (var (lane, (head, seal)) in expected)
        {
            if (!IsDropped(lane, newest))
            {
                Add($"Lane {lane} is missing; seal {seal} covers its entries up to {head.S}.");
            }
        }

        foreach (var (lane, successor) in predecessors) // 4
        {
            // Written while this was reading, it may have been passed over.
            if (!met.Contains(lane) && !expected.ContainsKey(lane) && !IsDropped(lane, newest) && await new AuditLanes(tables).FindHeadAsync(lane, cancellationToken) is null)
            {
                Add($"Lane {lane} is missing; lane {successor} goes on from it.");
            }
        }

        await ReadGrantsAsync(cancellationToken); // 5
        return new RecordVerdict(entries, lanes, seals, faults, notChecked);
    }

    // Retention takes whole months.
    private static bool IsDropped(string lane, AuditSeal? newest) =>
        newest?.Dropped is { } dropped && LaneName.StartOf(lane) is { } start && string.CompareOrdinal(RowKeys.Month(start), dropped) <= 0;

    // The newest that is the vault's.
    private async Task<AuditSeal?> ReadSealsAsync(IReadOnlyList<SealAnchor> anchors, CancellationToken cancellationToken)
    {
        AuditSeal? later = null;
        AuditSeal? newest = null;
        byte[]? named = null; // By the trusted one after it.
        await foreach (var stored in new AuditSealStore(tables).ListAsync(cancellationToken))
        {
            seals++;
            if (!stored.IsWhole || stored.Seal is not { } seal)
            {
                Add($"Seal {stored.Place} is not what was written.");
                later = null;
                continue;
            }

            var isNamed = named is not null && AuditChain.AreSame(named, stored.Hash);
            var mac = await JudgeAsync(stored.KeyVersion, stored.Hash, stored.Mac, cancellationToken);
            if (mac is Mac.Wrong)
            {
                Add($"Seal {seal.Number} carries no MAC of the vault.");
            }
            else if (mac is Mac.WithoutKey && !isNamed)
            {
                Add($"Seal {seal.Number} is under key version {stored.KeyVersion}, which is not to be had, and no later seal vouches for it.");
            }

            var isTrusted = mac is Mac.Right || (mac is Mac.WithoutKey && isNamed);
            if (isTrusted && newest is not null && seal.Number < newest.Oldest)
            {
                break; // Past retention, and about to go.
            }

            newest ??= isTrusted ? seal : null;
            named = isTrusted ? seal.Previous : named;
            if (later is not null && later.Number != seal.Number + 1)
            {
                Add(later.Number == seal.Number + 2 ? $"Seal {seal.Number + 1} is missing." : $"Seals {seal.Number + 1} to {later.Number - 1} are missing.");
            }
            else if (later is not null && !AuditChain.AreSame(later.Previous, stored.Hash))
            {
                Add($"Seal {later.Number} does not follow seal {seal.Number}.");
            }

            foreach (var anchor in anchors.Where(anchor => anchor.Number == seal.Number && !AuditChain.AreSame(anchor.Hash, stored.Hash)))
            {
                Add($"Seal {anchor.Number} has another hash than the one given.");
            }

            foreach (var (lane, head) in isTrusted ? seal.Heads : new Dictionary<string, SealedHead>())
            {
                expected.TryAdd(lane, (head, seal.Number)); // The newest says most.
            }

            later = seal;
        }

        if (later is not null && newest is not null && later.Number > newest.Oldest)
        {
            Add($"Seals {newest.Oldest} to {later.Number - 1} are missing.");
        }

        foreach (var anchor in anchors.Where(anchor => anchor.Number > (newest?.Number ?? 0)))
        {
            Add($"Seal {anchor.Number} is missing.");
        }

        foreach (var anchor in anchors.Where(anchor => newest is not null && anchor.Number < newest.Oldest))
        {
            notChecked.Add($"Seal {anchor.Number} is past retention, so the hash given has nothing to be held against; the oldest kept is seal {newest!.Oldest}.");
        }

        return newest;
    }

    private async Task ReadMonthAsync(string month, AuditSeal? newest, CancellationToken cancellationToken)
    {
        LaneReading? reading = null;
        await foreach (var row in tables.AuditOf(month).QueryAsync<TableEntity>(cancellationToken: cancellationToken))
        {
            if (reading?.Lane != row.PartitionKey)
            {
                await CloseAsync(reading, cancellationToken);
                reading = Open(row.PartitionKey, month, newest);
            }

            if (row.RowKey == AuditRow.Head)
            {
                reading.Head = AuditRow.ReadHead(row);
                continue;
            }

            await ReadAsync(reading, AuditRow.Read(row), row.RowKey, cancellationToken);
        }

        await CloseAsync(reading, cancellationToken);
    }

    private LaneReading Open(string lane, string month, AuditSeal? newest)
    {
        lanes++;
        if (LaneName.StartOf(lane) is not { } start || RowKeys.Month(start) != month)
        {
            Add($"Lane {lane} lies in the table of {month}, where the vault never wrote it.");
            return new LaneReading(lane, null) { IsMisplaced = true };
        }

        met.Add(lane);
        (SealedHead, long)? sealing = expected.Remove(lane, out var known) ? known : null;
        if (sealing is null && start < newest?.At - SealRecord.Skew)
        {
            Add($"Lane {lane} began at {start:u}, and no seal covers it: its head was taken away, or its writer's clock was behind.");
        }

        return new LaneReading(lane, sealing);
    }

    private async Task ReadAsync(LaneReading lane, AuditRow.Entry row, string rowKey, CancellationToken cancellationToken)
    {
        entries++;
        if (lane.IsMisplaced)
        {
            return;
        }

        if (row.Place is not { } place)
        {
            Add($"Lane {lane.Lane} holds a row {rowKey[..Math.Min(rowKey.Length, 40)]} that is no entry.");
            return;
        }

        if (place > lane.Next)
        {
            Add(place == lane.Next + 1 ? $"Entry {lane.Next} of lane {lane.Lane} is missing." : $"Entries {lane.Next} to {place - 1} of lane {lane.Lane} are missing.");
            lane.Before = null;
        }

        lane.Next = place + 1;
        var isWhole = row.Sequence is { } sequence && AuditChain.AreSame(row.Chain, AuditChain.Link(lane.Lane, sequence, row.Previous, row.Text));
        if (!isWhole)
        {
            Add($"Entry {place} of lane {lane.Lane} is not what was written.");
            lane.Before = null;
            return;
        }

        switch (await JudgeAsync(row.KeyVersion, row.Chain, row.Mac, cancellationToken))
        {
            case Mac.Wrong:
                Add($"Entry {place} of lane {lane.Lane} carries no MAC of the vault.");
                break;
            case Mac.WithoutKey:
                lane.Unopened = (place, row.KeyVersion);
                break;
        }

        if (row.Sequence != place)
        {
            Add($"Entry {place} of lane {lane.Lane} is out of order: it was written as entry {row.Sequence}.");
            lane.Before = null;
            return;
        }

        if (lane.Before is { } before && !AuditChain.AreSame(before, row.Previous))
        {
            Add($"Entry {place} of lane {lane.Lane} does not follow the one before it.");
        }

        lane.Before = row.Chain;
        if (lane.Sealed is var (head, seal) && head.S == place && head.C != Convert.ToHexStringLower(row.Chain))
        {
            Add($"Entry {place} of lane {lane.Lane} is another than the one seal {seal} covers.");
        }

        var said = AuditEntry.Parse(row.Text);
        if (said is { Kind: AuditKinds.Start, Predecessor: { } predecessor } && LaneName.StartOf(predecessor) is not null)
        {
            predecessors.TryAdd(predecessor, lane.Lane);
        }

        if (said is { Kind: AuditKinds.Grant, GrantId: { } grant, Generation: { } generation, GrantStatus: { } status } entry
            && (!standings.TryGetValue(grant, out var known) || (generation, entry.At).CompareTo((known.Generation, known.At)) >= 0))
        {
            standings[grant] = (generation, entry.Outcome is GrantEvents.Erased ? GrantEvents.Erased : status, entry.At);
        }
    }

    private async Task CloseAsync(LaneReading? lane, CancellationToken cancellationToken)
    {
        if (lane is null or { IsMisplaced: true })
        {
            return;
        }

        if (lane.Head is { } ahead && ahead.Sequence >= lane.Next && LaneName.StartOf(lane.Lane) is not null)
        {
            // Its writer may have gone on while its entries were read: the head is the last row of a lane, so what it counts is there by now.
            await foreach (var row in new AuditLanes(tables).ReadAsync(lane.Lane, lane.Next, cancellationToken))
            {
                if (lane.Next <= ahead.Sequence)
                {
                    await ReadAsync(lane, AuditRow.Read(row), row.RowKey, cancellationToken);
                }
            }
        }

        // Up to where a seal reaches, its hash vouches for every entry; what differs was named above.
        if (lane.Unopened is var (last, version) && !(lane.Sealed is var (reach, _) && last <= reach.S))
        {
            Add($"Entry {last} of lane {lane.Lane} is under key version {version}, which is not to be had, and no seal vouches for it.");
        }

        if (lane.Sealed is var (head, seal) && lane.Next <= head.S)
        {
            Add($"Entries {lane.Next} to {head.S} of lane {lane.Lane} are missing; seal {seal} covers them.");
        }
        else if (lane.Head is null)
        {
            Add($"The head of lane {lane.Lane} is missing.");
        }
        else if (lane.Head.Sequence != lane.Next - 1 || (lane.Before is { } final && !AuditChain.AreSame(final, lane.Head.Chain)))
        {
            Add($"Lane {lane.Lane} does not end where its head says, at entry {lane.Head.Sequence}.");
        }
    }

    // A36: a whole row put back is authentic by itself; only that the record went on tells.
    private async Task ReadGrantsAsync(CancellationToken cancellationToken)
    {
        await foreach (var stored in new GrantInventory(tables).ListAsync((string?)null, cancellationToken))
        {
            var grant = stored.Grant;
            if (!standings.TryGetValue(grant.Id, out var known) || grant.IsErased)
            {
                continue;
            }

            if (grant.Generation < known.Generation)
            {
                Add($"Grant {grant.Id:D} is of generation {grant.Generation}, and the record had it at {known.Generation}: an older row was put back.");
            }
            else if (grant.Generation == known.Generation && grant.Status is GrantStatus.Active && known.Status is not ("active" or "pending"))
            {
                Add($"Grant {grant.Id:D} is active, and the record last had it as {known.Status}: an older row was put back.");
            }
        }
    }

    private async Task<Mac> JudgeAsync(string version, byte[] chain, byte[] mac, CancellationToken cancellationToken) =>
        !KeyEncryptionKey.VersionPattern.IsMatch(version) ? Mac.Wrong
        : await ring.FindAsync(version, cancellationToken) is not { } key ? Mac.WithoutKey
        : AuditChain.IsAuthentic(key, chain, mac) ? Mac.Right
        : Mac.Wrong;

    private void Add(string fault)
    {
        if (faults.Count <= MostFaults)
        {
            faults.Add(faults.Count < MostFaults ? fault : $"There are more than {MostFaults} faults; the others are not listed.");
        }
    }

    private enum Mac
    {
        Right,
        Wrong,
        WithoutKey,
    }

    private sealed class LaneReading(string lane, (SealedHead Head, long Seal)? sealing)
    {
        public string Lane { get; } = lane;

        public (SealedHead Head, long Seal)? Sealed { get; } = sealing;

        public long Next { get; set; }

        /// <summary>The chain of the entry before; null where that was not as it was written.</summary>
        public byte[]? Before { get; set; } = AuditChain.Beginning;

        public LaneHead? Head { get; set; }

        /// <summary>The last entry whose MAC could not be checked.</summary>
        public (long Place, string Version)? Unopened { get; set; }

        /// <summary>In a table where it does not belong; nothing it says counts.</summary>
        public bool IsMisplaced { get; init; }
    }
}
