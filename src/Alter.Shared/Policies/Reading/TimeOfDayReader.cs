using System.Globalization;
using System.Text.RegularExpressions;

namespace Alter.Policies;

/// <summary>Reads a policy of kind <c>time_of_day</c>.</summary>
internal static partial class TimeOfDayReader
{
    private const string DaysExample = "[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]";

    public static TimeOfDayPolicy? Read(StrictObject entry, string name)
    {
        var days = Days(entry);
        var (from, to) = (Time(entry, "from", "08:00"), Time(entry, "to", "18:00"));
        if (entry.Has("from") != entry.Has("to"))
        {
            entry.Add(entry.Has("from") ? "to" : "from", "Both or neither: without them whole days are allowed.", "\"18:00\"");
        }
        else if (from is not null && from == to)
        {
            entry.Add("to", "It equals from. For whole days leave both out; midnight at the end of the day is \"00:00\".", "\"18:00\"");
        }

        if (from is null && !entry.Has("from") && days.Count == DayNames.InOrder.Count)
        {
            entry.Add("days", "Every day at every time is no limit: name days, or from and to.", DaysExample);
        }

        return Zone(entry) is { } zone ? new TimeOfDayPolicy(name, days, from ?? default, to ?? default, zone) : null;
    }

    private static HashSet<DayOfWeek> Days(StrictObject entry)
    {
        var days = new HashSet<DayOfWeek>();
        var texts = entry.Texts("days", DaysExample);
        foreach (var (at, text) in texts)
        {
            if (DayNames.InOrder.Any(day => day.Name == text))
            {
                days.Add(DayNames.InOrder.Single(day => day.Name == text).Day);
            }
            else
            {
                entry.Add(at, "It is no day.", $"one of {string.Join(", ", DayNames.InOrder.Select(day => day.Name))}");
            }
        }

        if (texts.Count == 0 && entry.Has("days"))
        {
            entry.Add("days", "An empty list allows no day.", DaysExample);
        }

        return entry.Has("days") ? days : [.. DayNames.InOrder.Select(day => day.Day)];
    }

    private static TimeOnly? Time(StrictObject entry, string member, string example) =>
        entry.Text(member, TimeForm(), "a time from 00:00 to 23:59", $"\"{example}\"") is { } text ? TimeOnly.ParseExact(text, "HH:mm", CultureInfo.InvariantCulture) : null;

    private static TimeZoneInfo? Zone(StrictObject entry)
    {
        const string Example = "\"Europe/Berlin\"";
        if (entry.Text("zone", ZoneForm(), "the name of a time zone of the IANA database", Example, required: true) is not { } name)
        {
            return null;
        }

        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId)
        {
            return zone;
        }

        entry.Add("zone", "This system knows no such time zone; names are those of the IANA database, capitals included.", Example);
        return null;
    }

    [GeneratedRegex(@"^([01][0-9]|2[0-3]):[0-5][0-9]\z")]
    private static partial Regex TimeForm();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]{0,29}(/[A-Za-z][A-Za-z0-9_+-]{0,29}){0,2}\z")]
    private static partial Regex ZoneForm();
}
