using System.Globalization;

namespace Alter.Policies;

/// <summary>Allows calls during one stretch of wall-clock time on some days of the week.</summary>
/// <remarks>
/// The wall clock alone decides. So the stretch keeps its local hours when the zone's clocks change; an hour that comes twice counts twice, and one that is
/// left out is not made up for.
/// </remarks>
/// <param name="Name">The operator's name for it.</param>
/// <param name="Days">Days on which the stretch begins; one past midnight belongs to the day it began.</param>
/// <param name="From">First allowed minute, inclusive.</param>
/// <param name="To">First refused minute, exclusive; earlier than <paramref name="From"/> means past midnight, equal the whole day.</param>
/// <param name="Zone">Whose wall clock.</param>
public sealed record TimeOfDayPolicy(string Name, IReadOnlySet<DayOfWeek> Days, TimeOnly From, TimeOnly To, TimeZoneInfo Zone) : IPolicy
{
    // A week, and one more where a day's stretch falls into an hour that its zone leaves out.
    private const int Horizon = 15;

    private static readonly TimeSpan Step = TimeSpan.FromHours(6);

    public string Kind => "time_of_day";

    public string Rule { get; } = $"{DayNames.Of(Days)} {Stretch(From, To)} {Zone.Id}";

    public Denial? Judge(CallFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (IsOpen(Local(facts.At)))
        {
            return null;
        }

        var next = NextOpening(facts.At);
        var again = next is { } opening ? string.Create(CultureInfo.InvariantCulture, $", again from {Local(opening):ddd yyyy-MM-dd HH:mm} there") : "";
        return new Denial($"Calls are allowed {DayNames.Of(Days)} {Stretch(From, To)} by the clock of {Zone.Id}{again}.", next - facts.At);
    }

    private static string Stretch(TimeOnly from, TimeOnly to) => from == to ? "all day" : string.Create(CultureInfo.InvariantCulture, $"{from:HH:mm}-{to:HH:mm}");

    private bool IsOpen(DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        if (From < To)
        {
            return time >= From && time < To && Days.Contains(local.DayOfWeek);
        }

        return From == To ? Days.Contains(local.DayOfWeek)
            : time >= From ? Days.Contains(local.DayOfWeek)
            : time < To && Days.Contains(local.AddDays(-1).DayOfWeek);
    }

    // It opens only when the wall clock comes to From, or when it jumps into the stretch.
    private DateTimeOffset? NextOpening(DateTimeOffset at)
    {
        var today = DateOnly.FromDateTime(Local(at));
        return Enumerable.Range(-1, Horizon)
            .SelectMany(day => InstantsOf(today.AddDays(day).ToDateTime(From)))
            .Concat(Jumps(at))
            .Where(instant => instant > at && IsOpen(Local(instant)))
            .Select(instant => (DateTimeOffset?)instant)
            .Min();
    }

    private IEnumerable<DateTimeOffset> InstantsOf(DateTime local) =>
        Zone.IsInvalidTime(local) ? []
        : Zone.IsAmbiguousTime(local) ? Zone.GetAmbiguousTimeOffsets(local).Select(offset => new DateTimeOffset(local, offset))
        : [new DateTimeOffset(local, Zone.GetUtcOffset(local))];

    private IEnumerable<DateTimeOffset> Jumps(DateTimeOffset at)
    {
        for (var (from, end) = (at, at.AddDays(Horizon)); from < end; from += Step)
        {
            var (before, after) = (from, from + Step);
            if (Zone.GetUtcOffset(before) == Zone.GetUtcOffset(after))
            {
                continue;
            }

            while (after - before > TimeSpan.FromTicks(1))
            {
                var middle = before + ((after - before) / 2);
                (before, after) = Zone.GetUtcOffset(middle) == Zone.GetUtcOffset(from) ? (middle, after) : (before, middle);
            }

            yield return after;
        }
    }

    private DateTime Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, Zone).DateTime;
}
