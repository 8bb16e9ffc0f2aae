using System.Collections.Concurrent;
using Alter.Grants;
using Alter.Storage;
using Alter.Tokens;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Alter.Refresh;

/// <summary>
/// Says when a provider refuses so many refresh tokens of an app at once that it, or the app's registration there, is more likely at fault than the users.
/// While that lasts no grant is ended for it.
/// </summary>
/// <remarks>
/// Each process writes its own rows of table <c>outcomes</c>, one per app, provider and five minutes, so no two ever meet in one; whoever is refused reads what
/// all wrote. Successes are written at most every 30 seconds: what is not written yet makes the brake come a little early, never late.
/// </remarks>
public sealed class ProviderBrake(AlterTables tables, TimeProvider time, ILogger<ProviderBrake> logger)
{
    /// <summary>Fewer outcomes than this say nothing about a provider.</summary>
    public const int FewestOutcomes = 20;

    /// <summary>The share of refusals, of all outcomes of <see cref="Window"/>, above which no grant is ended.</summary>
    public const double HighestShare = 0.2;

    /// <summary>How far back outcomes count.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Slice = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly string process = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, Tally> tallies = new();

    // One app's provider: what was counted in the current slice, and what of it is in storage.
    private sealed class Tally
    {
        public Count Now { get; set; } = new(default, 0, 0);

        public DateTimeOffset WrittenAt { get; set; }

        /// <summary>One write after the other, so that none leaves an earlier count behind.</summary>
        public SemaphoreSlim Writing { get; } = new(1);

        public Count Written { get; set; } = new(default, 0, 0);
    }

    // Outcomes of five minutes.
    private sealed record Count(DateTimeOffset SliceStart, int Accepted, int Refused)
    {
        public bool IsIn(Count other) => SliceStart == other.SliceStart && Accepted <= other.Accepted && Refused <= other.Refused;
    }

    /// <summary>A provider took a refresh token. Nobody waits for the writing.</summary>
    public void NoteAccepted(SealedPlace place)
    {
        var subject = SubjectOf(place);
        if (Add(subject, refused: false, out var tally) is { } count)
        {
            _ = WriteAsync(subject, tally, count);
        }
    }

    /// <summary>A provider refused a refresh token that nothing had happened to.</summary>
    /// <returns>Whether it refuses too many to be believed. False where storage does not say: the token stays held for a week in any case.</returns>
    /// <remarks>At most two storage operations.</remarks>
    public async Task<bool> NoteRefusedAsync(SealedPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        var subject = SubjectOf(place);
        var count = Add(subject, refused: true, out var tally)!;
        await WriteAsync(subject, tally, count);
        try
        {
            var (accepted, refused) = await ReadAsync(subject);
            var isOn = accepted + refused >= FewestOutcomes && refused > HighestShare * (accepted + refused);
            if (isOn)
            {
                Log.BrakeOn(logger, place.App, place.Provider, refused, accepted + refused);
            }

            return isOn;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            return false;
        }
    }

    /// <summary>Deletes what is an hour old; with the daily sweep.</summary>
    internal async Task PurgeAsync(CancellationToken cancellationToken)
    {
        await tables.EnsureAsync(cancellationToken);
        await HourPartitions.PurgeAsync(tables.Outcomes, time.GetUtcNow() - Kept, cancellationToken);
    }

    // Whatever somebody wrote there.
    private static long CountOf(TableEntity row, string column) => GrantRow.Value(row, column) is int count and > 0 ? count : 0;

    private static string SubjectOf(SealedPlace place) => $"{place.App}|{place.Provider}";

    // What is to be written now, if anything.
    private Count? Add(string subject, bool refused, out Tally tally)
    {
        var now = time.GetUtcNow();
        var start = SliceOf(now);
        tally = tallies.GetOrAdd(subject, _ => new Tally());
        lock (tally)
        {
            var known = tally.Now.SliceStart == start ? tally.Now : new Count(start, 0, 0);
            tally.Now = refused ? known with { Refused = known.Refused + 1 } : known with { Accepted = known.Accepted + 1 };
            if (!refused && now - tally.WrittenAt < BetweenWrites)
            {
                return null;
            }

            tally.WrittenAt = now;
            return tally.Now;
        }
    }

    private static DateTimeOffset SliceOf(DateTimeOffset instant) => new(instant.UtcTicks - (instant.UtcTicks % Slice.Ticks), TimeSpan.Zero);

    private async Task WriteAsync(string subject, Tally tally, Count count)
    {
        await tally.Writing.WaitAsync();
        try
        {
            if (count.IsIn(tally.Written))
            {
                return;
            }

            await tables.EnsureAsync(CancellationToken.None);
            await tables.Outcomes.UpsertEntityAsync(
                new TableEntity(RowKeys.Hour(count.SliceStart), $"{subject}|{RowKeys.Ticks(count.SliceStart)}|{process}") { ["accepted"] = count.Accepted, ["refused"] = count.Refused },
                TableUpdateMode.Replace,
                CancellationToken.None);
            tally.Written = count;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            // Statistics: the next outcome writes them again.
        }
        finally
        {
            tally.Writing.Release();
        }
    }

    private async Task<(long Accepted, long Refused)> ReadAsync(string subject)
    {
        var now = time.GetUtcNow();
        var since = SliceOf(now - Window);
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey ge {RowKeys.Hour(since)} and PartitionKey le {RowKeys.Hour(now)} and RowKey ge {subject + "|" + RowKeys.Ticks(since)} and RowKey lt {subject + "}"}");
        var (accepted, refused) = (0L, 0L);
        await foreach (var row in tables.Outcomes.QueryAsync<TableEntity>(filter, cancellationToken: CancellationToken.None))
        {
            accepted += CountOf(row, "accepted");
            refused += CountOf(row, "refused");
        }

        return (accepted, refused);
    }
}
