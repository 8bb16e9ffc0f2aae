namespace Quickstart.Calendar;

/// <summary>One account of the calendar. A person may have several.</summary>
/// <param name="Id">Immutable, the <c>sub</c>.</param>
/// <param name="Email">What people know it by.</param>
/// <param name="Name">Whose it is.</param>
public sealed record CalendarAccount(string Id, string Email, string Name)
{
    /// <summary>Everyone there is.</summary>
    public static IReadOnlyList<CalendarAccount> All { get; } =
    [
        new("cal_1815", "ada@calendar.example", "Ada Lovelace"),
        new("cal_1843", "ada.work@calendar.example", "Ada Lovelace (work)"),
        new("cal_1938", "bob@calendar.example", "Bob Kahn"),
    ];

    /// <summary>Null where there is no such account.</summary>
    public static CalendarAccount? Find(string? id) => All.FirstOrDefault(account => account.Id == id);
}
