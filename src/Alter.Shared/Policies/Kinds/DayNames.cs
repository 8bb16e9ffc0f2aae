namespace Alter.Policies;

/// <summary>Days of the week as the document spells them: <c>mon</c> to <c>sun</c>.</summary>
internal static class DayNames
{
    internal static IReadOnlyList<(string Name, DayOfWeek Day)> InOrder { get; } =
    [
        ("mon", DayOfWeek.Monday), ("tue", DayOfWeek.Tuesday), ("wed", DayOfWeek.Wednesday), ("thu", DayOfWeek.Thursday),
        ("fri", DayOfWeek.Friday), ("sat", DayOfWeek.Saturday), ("sun", DayOfWeek.Sunday),
    ];

    internal static string Of(IReadOnlySet<DayOfWeek> days) =>
        days.Count == InOrder.Count ? "daily" : string.Join(',', InOrder.Where(entry => days.Contains(entry.Day)).Select(entry => entry.Name));
}
