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

    // Of one app's provider in the current slice.
    private sealed class Tally
    {
        public DateTimeOffset SliceStart { get; set; }

        public int Accepted { get; set; }

        public int Refused { get; set; }

        public DateTimeOffset WrittenAt { get; set; }
    }

    /// <summary>A provider took a refresh token. Nobody waits for the writing.</summary>
    public void NoteAccepted(SealedPlace place)
    {
        if (Count(SubjectOf(place), refused: false) is { } row)
        {
            _ = WriteAsync(row);
        }
    }

    /// <summary>A provider refused a refresh token that nothing had happened to.</summary>
    /// <returns>Whether it refuses too many to be believed. False where storage does not say: the token stays held for a week in any case.</returns>
    /// <remarks>Two storage operations.</remarks>
    public async Task<bool> NoteRefusedAsync(SealedPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        var subject = SubjectOf(place);
        await WriteAsync(Count(subject, refused: true)!);
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

    // The row to be written now, if any.
    private TableEntity? Count(string subject, bool refused)
    {
        var now = time.GetUtcNow();
        var start = SliceOf(now);
        var tally = tallies.GetOrAdd(subject, _ => new Tally());
        lock (tally)
        {
            if (tally.SliceStart != start)
            {
                (tally.SliceStart, tally.Accepted, tally.Refused) = (start, 0, 0);
            }

            _ = refused ? tally.Refused++ : tally.Accepted++;
            if (!refused && now - tally.WrittenAt < BetweenWrites)
            {
                return null;
            }

            tally.WrittenAt = now;
            return new TableEntity(RowKeys.Hour(start), $"{subject}|{RowKeys.Ticks(start)}|{process}")
            {
                ["accepted"] = tally.Accepted,
                ["refused"] = tally.Refused,
            };
        }
    }

    private static DateTimeOffset SliceOf(DateTimeOffset instant) => new(instant.UtcTicks - (instant.UtcTicks % Slice.Ticks), TimeSpan.Zero);

    private async Task WriteAsync(TableEntity row)
    {
        try
        {
            await tables.EnsureAsync(CancellationToken.None);
            await tables.Outcomes.UpsertEntityAsync(row, TableUpdateMode.Replace, CancellationToken.None);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            // Statistics: the next outcome writes them again.
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
