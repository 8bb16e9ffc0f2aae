using System.Globalization;
using Alter.Grants;
using Alter.Storage;
using Alter.Storage.Wire;

namespace Alter.Audit;

/// <summary>
/// An entry in a table of one month's activity, once under its user and once under its app's day. The key is the entry's own instant and id, so that writing
/// it again changes nothing, and a call's end takes the place of a call whose end was not known.
/// </summary>
internal static class ActivityRow
{
    internal const string EntryColumn = "entry";
    internal const string ProviderColumn = "provider";
    internal const string GrantColumn = "gid";
    internal const string OutcomeColumn = "outcome";

    /// <summary>Entries that people look for; a renewed token is of interest to the record alone.</summary>
    internal static bool Shows(AuditEntry entry) => entry.App.Length > 0 && entry.Kind is not (AuditKinds.Call or AuditKinds.Start) && entry.Outcome is not (GrantEvents.Refreshed or GrantEvents.Changed);

    internal static string UserPartition(in ActivityEntry entry) => new GrantOwner(entry.App, entry.User!).Partition;

    // '!' is no hex digit, so no user's partition; the newest day comes first.
    internal static string DayPartition(in ActivityEntry entry)
    {
        var (year, month, day) = DateOnly.FromDateTime(entry.At.UtcDateTime);
        return string.Create(CultureInfo.InvariantCulture, $"{entry.App}|!{99_999_999 - (((year * 100) + month) * 100) - day:D8}");
    }

    private static string RowKey(in ActivityEntry entry) => string.Create(CultureInfo.InvariantCulture, $"{DescendingTicks(entry.At):D19}|{entry.Id}");

    /// <summary>19 digits: text order is the newest first.</summary>
    internal static string Descending(DateTimeOffset instant) => DescendingTicks(instant).ToString("D19", CultureInfo.InvariantCulture);

    private static long DescendingTicks(DateTimeOffset instant) => DateTimeOffset.MaxValue.UtcTicks - instant.UtcTicks;

    /// <summary>The month of a row by its key; null where the key is not one of ours.</summary>
    internal static DateTimeOffset? InstantOf(string rowKey) =>
        rowKey.Length > 19 && long.TryParse(rowKey.AsSpan(0, 19), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(DateTimeOffset.MaxValue.UtcTicks - ticks, TimeSpan.Zero)
            : null;

    /// <param name="entry">The entry.</param>
    /// <param name="partition">Under its user, or under its app's day.</param>
    internal static TableRow Of(in ActivityEntry entry, string partition)
    {
        var row = new TableRow(partition, RowKey(entry), 4) { [EntryColumn] = new JsonText(entry.Json) };
        if (entry.Provider is { } provider)
        {
            row[ProviderColumn] = provider;
        }

        if (entry.GrantId is { } grant)
        {
            row[GrantColumn] = grant.ToString("D");
        }

        if (entry.Outcome is { } outcome)
        {
            row[OutcomeColumn] = outcome;
        }

        return row;
    }
}
