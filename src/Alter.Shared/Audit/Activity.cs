using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;
using Azure;
using Azure.Data.Tables;

namespace Alter.Audit;

/// <summary>
/// What was done for a user, or in an app, the newest first: read from tables <c>activityYYYYMM</c>, which follow the record within seconds. For answers that
/// must not miss anything there is the record itself (<c>./alter audit verify</c>).
/// </summary>
public sealed class Activity(AlterTables tables, KeyRing ring, ConfigurationSource configuration, TimeProvider time)
{
    /// <summary>The longest page.</summary>
    public const int MaxLimit = 1000;

    // Clocks of instances differ.
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(1);

    /// <summary>The entries of one user.</summary>
    /// <param name="owner">Whose; nobody else's are looked at.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="after">Where the last page ended; one of another user or filter leads nowhere, and gives an empty page.</param>
    /// <param name="limit">1 to <see cref="MaxLimit"/>.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <remarks>One storage operation a month looked at, up to 1,000 rows each.</remarks>
    public async Task<ActivityPage> ListAsync(GrantOwner owner, ActivityFilter filter, string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return (await ReadAsync(owner.App, owner, filter, after, limit, cancellationToken)).Succeeded(out var page, out _) ? page : new ActivityPage([], null);
    }

    /// <summary>The entries of one user, or of a whole app.</summary>
    /// <param name="app">The app's id.</param>
    /// <param name="owner">Null: all of the app, the requests that came without a user included.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="after">Where the last page ended.</param>
    /// <param name="limit">1 to <see cref="MaxLimit"/>.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The page, or <see cref="InvalidRequest"/> for a cursor of another user, app or filter.</returns>
    /// <remarks>As <see cref="ListAsync"/>.</remarks>
    public async Task<Outcome<ActivityPage>> ReadAsync(
        string app, GrantOwner? owner, ActivityFilter filter, string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        var binding = Binding(app, owner, filter);
        Place? from = null;
        if (after is not null && (from = await OpenCursorAsync(app, after, binding, cancellationToken)) is null)
        {
            return InvalidRequest.Field("cursor", "It is not a cursor of this user and these filters.");
        }

        var found = new List<(Place Place, AuditEntry Entry)>();
        foreach (var month in Months(filter, from))
        {
            await ReadMonthAsync(month, app, owner, filter, from, limit + 1 - found.Count, found, cancellationToken);
            if (found.Count > limit)
            {
                break;
            }
        }

        var page = found.Take(limit).ToList();
        return new ActivityPage(
            [.. page.Select(row => row.Entry)],
            found.Count > limit ? await SealCursorAsync(app, page[^1].Place, binding, cancellationToken) : null);
    }

    private IEnumerable<string> Months(ActivityFilter filter, Place? from)
    {
        var now = time.GetUtcNow();
        var newest = now + Ahead;
        newest = filter.Until < newest ? filter.Until.Value : newest;
        newest = from is not null && ActivityRow.InstantOf(from.Row) < newest ? ActivityRow.InstantOf(from.Row)!.Value : newest;
        var oldest = now.AddMonths(-(configuration.Current?.Audit.RetentionMonths ?? AuditSettings.UsualRetentionMonths) - 1);
        oldest = filter.Since > oldest ? filter.Since.Value : oldest;
        for (var month = FirstOf(newest); month >= FirstOf(oldest); month = month.AddMonths(-1))
        {
            yield return RowKeys.Month(month);
        }

        static DateTimeOffset FirstOf(DateTimeOffset instant) => new(instant.UtcDateTime.Year, instant.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
    }

    private async Task ReadMonthAsync(
        string month, string app, GrantOwner? owner, ActivityFilter filter, Place? from, int most, List<(Place Place, AuditEntry Entry)> found, CancellationToken cancellationToken)
    {
        var table = tables.ActivityOf(month);
        try
        {
            await foreach (var row in table.QueryAsync<TableEntity>(FilterOf(app, owner, filter, from), Math.Min(most, MaxLimit), cancellationToken: cancellationToken))
            {
                if (row.TryGetValue(ActivityRow.EntryColumn, out var text) && AuditEntry.Parse(text as string) is { } entry && (owner is null || entry.User == owner.Hash))
                {
                    found.Add((new Place(row.PartitionKey, row.RowKey), entry));
                    if (--most == 0)
                    {
                        return;
                    }
                }
            }
        }
        catch (RequestFailedException e) when (e.Status is 404)
        {
            // Nothing was recorded that month, or it is past retention.
        }
    }

    // A42: every piece comes from CreateQueryFilter, which doubles quotes; '}' follows '|', '"' follows '!'.
    private static string FilterOf(string app, GrantOwner? owner, ActivityFilter filter, Place? from)
    {
        var pieces = new List<string>
        {
            owner is not null
                ? TableClient.CreateQueryFilter($"PartitionKey eq {owner.Partition}")
                : TableClient.CreateQueryFilter($"PartitionKey ge {app + "|!"} and PartitionKey lt {app + "|\""}"),
        };
        if (from is not null)
        {
            pieces.Add(TableClient.CreateQueryFilter($"(PartitionKey gt {from.Partition} or (PartitionKey eq {from.Partition} and RowKey gt {from.Row}))"));
        }

        if (filter.Since is { } since)
        {
            pieces.Add(TableClient.CreateQueryFilter($"RowKey lt {ActivityRow.Descending(since) + "}"}"));
        }

        if (filter.Until is { } until)
        {
            pieces.Add(TableClient.CreateQueryFilter($"RowKey ge {ActivityRow.Descending(until) + "}"}"));
        }

        if (filter.Provider is { } provider)
        {
            pieces.Add(TableClient.CreateQueryFilter($"provider eq {provider}"));
        }

        if (filter.GrantId is { } grant)
        {
            pieces.Add(TableClient.CreateQueryFilter($"gid eq {grant.ToString("D")}"));
        }

        if (filter.Outcome is { } outcome)
        {
            pieces.Add(TableClient.CreateQueryFilter($"outcome eq {outcome}"));
        }

        return string.Join(" and ", pieces);
    }

    private sealed record Place(string Partition, string Row);

    private async Task<string> SealCursorAsync(string app, Place place, byte[] binding, CancellationToken cancellationToken)
    {
        var key = await ring.CurrentAsync(cancellationToken);
        return Base64Url.EncodeToString(SealedFormat.Seal(key.Derive(KeyPurpose.Cursor, app), Encoding.UTF8.GetBytes($"{place.Partition}\n{place.Row}"), binding));
    }

    private async Task<Place?> OpenCursorAsync(string app, string text, byte[] binding, CancellationToken cancellationToken)
    {
        if (text.Length > 512 || !Base64Url.IsValid(text))
        {
            return null;
        }

        var cursor = Base64Url.DecodeFromChars(text);
        await foreach (var key in ring.PossibleAsync(cancellationToken))
        {
            if (Opened(key) is { } place)
            {
                return place;
            }
        }

        return null;

        Place? Opened(KeyEncryptionKey key) =>
            SealedFormat.TryOpen(key.Derive(KeyPurpose.Cursor, app), cursor, binding, out var opened) && Encoding.UTF8.GetString(opened).Split('\n') is [var partition, var row]
                ? new Place(partition, row)
                : null;
    }

    // A cursor of another user, app or filter does not open.
    private static byte[] Binding(string app, GrantOwner? owner, ActivityFilter filter) => DeploymentSalt.LengthPrefixed(
        "alter/1",
        "activity cursor",
        app,
        owner?.Hash ?? "",
        filter.Provider ?? "",
        filter.GrantId?.ToString("D") ?? "",
        filter.Outcome ?? "",
        filter.Since?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "",
        filter.Until?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "");
}
