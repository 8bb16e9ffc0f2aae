using Alter.Providers;
using Alter.Refresh;
using Alter.Tokens;

namespace Alter.Tests.Refresh;

public sealed class RefreshScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(3600, 31, true)]
    [InlineData(3600, 30, false)]
    [InlineData(60, 21, true)]
    [InlineData(60, 20, false)]
    [InlineData(3600, -1, false)]
    public void A_token_is_fresh_with_30_seconds_or_a_third_of_its_life_left(int lifetime, int left, bool fresh) =>
        Assert.Equal(fresh, RefreshSchedule.IsFresh(Now.AddSeconds(left), TimeSpan.FromSeconds(lifetime), Now));

    [Fact]
    public void A_token_without_an_end_is_fresh() => Assert.True(RefreshSchedule.IsFresh(null, null, Now));

    [Theory]
    [InlineData(1800, 1500)] // Five minutes ahead.
    [InlineData(86400, 77760)] // A tenth of a day.
    [InlineData(300, 150)] // Never before half of its life.
    public void It_is_renewed_ahead_of_its_end_spread_by_a_tenth(int lifetime, int planned)
    {
        for (var i = 0; i < 200; i++)
        {
            var ahead = (RefreshSchedule.AheadOf(TimeSpan.FromSeconds(lifetime), Now) - Now).TotalSeconds;
            Assert.InRange(ahead, planned * 0.9, planned * 1.1);
        }
    }

    [Theory]
    [InlineData(0, 0, 4, 6)]
    [InlineData(3, 0, 32, 48)]
    [InlineData(int.MaxValue, 0, 720, 900)]
    [InlineData(-5, 0, 4, 6)]
    [InlineData(0, 60, 60, 66)]
    [InlineData(0, 899, 899, 900)]
    [InlineData(0, 86400, 900, 900)]
    public void A_failing_provider_is_left_alone_longer_and_longer_and_as_long_as_it_asks_up_to_15_minutes(int fails, int asked, int least, int most)
    {
        for (var i = 0; i < 200; i++)
        {
            var delay = RefreshSchedule.Backoff(fails, new ProviderUnreachable("", "erp") { RetryAfter = TimeSpan.FromSeconds(asked) });
            Assert.InRange(delay.TotalSeconds, least, most);
        }
    }

    [Fact]
    public void A_retry_after_beyond_all_time_is_15_minutes() =>
        Assert.Equal(TimeSpan.FromMinutes(15), RefreshSchedule.Backoff(0, new ProviderUnreachable("", "erp") { RetryAfter = TimeSpan.MaxValue }));

    [Fact]
    public void A_wrong_configuration_is_tried_every_five_minutes() =>
        Assert.Equal(TimeSpan.FromMinutes(5), RefreshSchedule.Backoff(0, new ConnectConfig("", "erp")));

    [Theory]
    [InlineData(3600, 7776000, null, 3000, 7200)] // Renewed ahead of its end anyway.
    [InlineData(null, 7776000, null, 5598720, 6842880)] // Used before it lapses unused: after four fifths of 90 days.
    [InlineData(null, 7776000, 86400, 86400, 86400)] // The grant's own end comes first.
    public void The_earliest_of_renewal_keep_alive_and_end_counts(int? lifetime, int? idle, int? end, int least, int most)
    {
        var due = RefreshSchedule.NextDue(Span(lifetime), Span(idle), Now + Span(end), Now);

        Assert.InRange((due!.Value - Now).TotalSeconds, least * 0.9, most);

        static TimeSpan? Span(int? seconds) => seconds is { } s ? TimeSpan.FromSeconds(s) : null;
    }

    [Fact]
    public void A_token_without_an_end_that_never_lapses_is_not_due() => Assert.Null(RefreshSchedule.NextDue(null, null, null, Now));
}
