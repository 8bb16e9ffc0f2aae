using System.Collections.Concurrent;

namespace Quickstart.Calendar.Api;

/// <summary>One entry of a calendar.</summary>
public sealed record CalendarEvent(string Id, string Title, DateTimeOffset StartsAt, int Minutes);

/// <summary>Every account's events, in memory, at most <see cref="Capacity"/> each.</summary>
internal sealed class EventBook(TimeProvider time)
{
    /// <summary>Enough for a demonstration; the oldest added goes first.</summary>
    public const int Capacity = 200;

    private readonly ConcurrentDictionary<string, List<CalendarEvent>> _byAccount = new();

    public IReadOnlyList<CalendarEvent> List(CalendarAccount account)
    {
        var events = Of(account);
        lock (events)
        {
            return [.. events.OrderBy(entry => entry.StartsAt)];
        }
    }

    public CalendarEvent Add(CalendarAccount account, string title, DateTimeOffset startsAt, int minutes)
    {
        var entry = new CalendarEvent($"evt_{Guid.NewGuid():N}", title, startsAt, minutes);
        var events = Of(account);
        lock (events)
        {
            if (events.Count >= Capacity)
            {
                events.RemoveAt(0);
            }

            events.Add(entry);
        }

        return entry;
    }

    private List<CalendarEvent> Of(CalendarAccount account) => _byAccount.GetOrAdd(account.Id, _ => Seed(account));

    private List<CalendarEvent> Seed(CalendarAccount account)
    {
        var today = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        (string Title, int Hours, int Minutes)[] plan = account.Email switch
        {
            "ada@calendar.example" => [("Tea with Mary Somerville", 16, 45), ("Notes on the Analytical Engine", 34, 120), ("Ride to Ockham Park", 57, 90)],
            "ada.work@calendar.example" => [("Review: Bernoulli numbers, table G", 10, 60), ("Charles: which gears next?", 13, 30), ("Print deadline, Scientific Memoirs", 41, 15)],
            _ => [("Packet switching, weekly", 9, 60), ("Gateway interconnect test", 38, 180)],
        };
        return [.. plan.Select((entry, i) => new CalendarEvent($"evt_{account.Id}_{i + 1}", entry.Title, today.AddHours(entry.Hours), entry.Minutes))];
    }
}
