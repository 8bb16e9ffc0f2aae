using System.Globalization;
using Alter.Policies;

namespace Alter.Tests.Policies;

/// <summary>Hours by the wall clock, on the days when clocks change too.</summary>
public sealed class TimeOfDayTests
{
    private static readonly DayOfWeek[] Weekdays = [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday];
    private static readonly DayOfWeek[] Daily = Enum.GetValues<DayOfWeek>();

    [Theory]
    [InlineData("2026-11-27T06:59:59Z", "2026-11-27T07:00:00Z")] // Friday 07:59:59 in Berlin
    [InlineData("2026-11-27T07:00:00Z", null)]
    [InlineData("2026-11-27T16:59:59Z", null)]
    [InlineData("2026-11-27T17:00:00Z", "2026-11-30T07:00:00Z")] // Friday evening: Monday
    [InlineData("2026-11-28T12:00:00Z", "2026-11-30T07:00:00Z")]
    [InlineData("2026-11-29T23:30:00Z", "2026-11-30T07:00:00Z")] // Monday already, by the clock of Berlin
    public void Office_hours_end_and_begin_by_the_zones_clock(string at, string? again) => Judged(Of("Europe/Berlin", Weekdays, "08:00", "18:00"), at, again);

    [Theory]
    [InlineData("2026-11-27T21:59:00Z", "2026-11-27T22:00:00Z")]
    [InlineData("2026-11-27T23:00:00Z", null)]
    [InlineData("2026-11-28T05:59:00Z", null)] // Saturday morning still belongs to Friday
    [InlineData("2026-11-28T06:00:00Z", "2026-12-04T22:00:00Z")]
    [InlineData("2026-11-27T03:00:00Z", "2026-11-27T22:00:00Z")] // Friday morning belongs to Thursday
    public void A_stretch_past_midnight_belongs_to_the_day_it_began(string at, string? again) => Judged(Of("UTC", [DayOfWeek.Friday], "22:00", "06:00"), at, again);

    [Theory]
    [InlineData("2026-11-28T00:00:00Z", null)]
    [InlineData("2026-11-28T23:59:59Z", null)]
    [InlineData("2026-11-29T00:00:00Z", "2026-12-05T00:00:00Z")]
    public void Without_times_whole_days_are_allowed(string at, string? again) => Judged(Of("UTC", [DayOfWeek.Saturday], "00:00", "00:00"), at, again);

    [Theory]
    [InlineData("2026-11-27T22:59:59Z", null)]
    [InlineData("2026-11-27T23:00:00Z", "2026-11-28T08:00:00Z")]
    public void Midnight_at_the_end_is_written_00_00(string at, string? again) => Judged(Of("Europe/Paris", Daily, "09:00", "00:00"), at, again);

    // Europe/Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    [Theory]
    [InlineData("02:00", "02:30", "2026-03-29T00:30:00Z", "2026-03-30T00:00:00Z")] // The whole stretch is left out that day.
    [InlineData("02:00", "02:30", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z")]
    [InlineData("02:30", "04:00", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z")] // It begins with the jump into it.
    [InlineData("02:30", "04:00", "2026-03-29T01:00:00Z", null)]
    [InlineData("02:30", "04:00", "2026-03-29T02:00:00Z", "2026-03-30T00:30:00Z")]
    [InlineData("08:00", "18:00", "2026-03-28T18:00:00Z", "2026-03-29T06:00:00Z")] // 08:00 comes an hour earlier.
    [InlineData("08:00", "18:00", "2026-03-29T05:59:59Z", "2026-03-29T06:00:00Z")]
    [InlineData("22:00", "02:30", "2026-03-29T00:59:59Z", null)]
    [InlineData("22:00", "02:30", "2026-03-29T01:00:00Z", "2026-03-29T20:00:00Z")] // Its end is left out: at the jump it is past.
    public void In_spring_an_hour_that_is_left_out_is_not_made_up_for(string from, string to, string at, string? again) => Judged(Of("Europe/Berlin", Daily, from, to), at, again);

    // Europe/Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
    [Theory]
    [InlineData("02:00", "02:30", "2026-10-25T00:00:00Z", null)]
    [InlineData("02:00", "02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z")] // It comes once more.
    [InlineData("02:00", "02:30", "2026-10-25T01:29:59Z", null)]
    [InlineData("02:00", "02:30", "2026-10-25T01:30:00Z", "2026-10-26T01:00:00Z")]
    [InlineData("02:45", "04:00", "2026-10-25T00:50:00Z", null)]
    [InlineData("02:45", "04:00", "2026-10-25T01:00:00Z", "2026-10-25T01:45:00Z")] // The clock is put back out of it, and comes to it again.
    [InlineData("01:00", "02:30", "2026-10-25T00:45:00Z", "2026-10-25T01:00:00Z")] // The clock is put back into it.
    [InlineData("08:00", "18:00", "2026-10-24T16:00:00Z", "2026-10-25T07:00:00Z")] // 08:00 comes an hour later.
    public void In_autumn_an_hour_that_comes_twice_counts_twice(string from, string to, string at, string? again) => Judged(Of("Europe/Berlin", Daily, from, to), at, again);

    [Theory]
    [InlineData("America/Los_Angeles", "2026-11-01T15:30:00Z", "2026-11-01T16:00:00Z")] // The zone behind falls back on another day than Europe.
    [InlineData("Australia/Lord_Howe", "2026-10-03T20:30:00Z", "2026-10-03T21:00:00Z")] // By half an hour, 4 October there.
    [InlineData("Asia/Kathmandu", "2026-11-27T02:00:00Z", "2026-11-27T02:15:00Z")]
    [InlineData("Pacific/Kiritimati", "2026-11-27T17:00:00Z", "2026-11-27T18:00:00Z")] // 14 hours ahead: tomorrow.
    public void Zones_behind_ahead_and_odd_have_their_own_eight_o_clock(string zone, string at, string? again) => Judged(Of(zone, Daily, "08:00", "18:00"), at, again);

    // In Cairo the clock goes from 00:00 to 01:00 on 24 April 2026 (22:00 UTC the day before): that day has no midnight.
    [Fact]
    public void A_day_without_midnight_begins_with_its_first_minute() => Judged(Of("Africa/Cairo", [DayOfWeek.Friday], "00:00", "00:00"), "2026-04-23T20:00:00Z", "2026-04-23T22:00:00Z");

    [Fact]
    public void The_denial_says_when_it_is_allowed_again_in_words_and_seconds()
    {
        var policy = Of("Europe/Berlin", Weekdays, "08:00", "18:00");

        var denial = policy.Judge(At("2026-11-27T17:00:00.5Z"))!;

        Assert.Equal("mon,tue,wed,thu,fri 08:00-18:00 Europe/Berlin", policy.Rule);
        Assert.Contains("again from Mon 2026-11-30 08:00 there", denial.Message, StringComparison.Ordinal);
        Assert.Equal((2 * 86400) + (14 * 3600), PolicyViolation.Of(policy, denial).PolicyError.RetryAfter);
        Assert.Null(PolicyViolation.Of(policy, denial).RetryAfter);
    }

    // Whatever the instant: it opens when the denial says, and at no whole minute before.
    [Theory]
    [InlineData("Europe/Berlin", "02:15", "02:45")]
    [InlineData("Europe/Berlin", "23:30", "02:10")]
    [InlineData("America/St_Johns", "01:30", "01:59")]
    [InlineData("Africa/Casablanca", "02:00", "03:00")]
    public void It_opens_exactly_when_the_denial_says(string zone, string from, string to)
    {
        var policy = Of(zone, [DayOfWeek.Sunday, DayOfWeek.Wednesday], from, to);
        for (var at = Instant("2026-01-01T00:00:00Z"); at < Instant("2027-01-01T00:00:00Z"); at += TimeSpan.FromMinutes(947))
        {
            if (policy.Judge(Facts(at)) is not { } denial)
            {
                continue;
            }

            var opening = at + denial.RetryAfter!.Value;
            Assert.Null(policy.Judge(Facts(opening)));
            for (var before = opening - TimeSpan.FromMinutes(1); before > at && before > opening - TimeSpan.FromHours(3); before -= TimeSpan.FromMinutes(1))
            {
                Assert.NotNull(policy.Judge(Facts(before)));
            }
        }
    }

    private static void Judged(TimeOfDayPolicy policy, string at, string? again)
    {
        var denial = policy.Judge(At(at));

        Assert.Equal(again is null ? null : Instant(again) - Instant(at), denial?.RetryAfter);
        Assert.Equal(again is null, denial is null);
    }

    private static TimeOfDayPolicy Of(string zone, DayOfWeek[] days, string from, string to) => new(
        "hours", days.ToHashSet(), TimeOnly.Parse(from, CultureInfo.InvariantCulture), TimeOnly.Parse(to, CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(zone));

    private static CallFacts At(string at) => Facts(Instant(at));

    private static CallFacts Facts(DateTimeOffset at) => new() { At = at, Method = "GET", PathAndQuery = "/" };

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
