using Alter.Policies;

namespace Alter.Tests.Policies;

public sealed class PolicySetTests
{
    private static readonly CallFacts Facts = new() { At = default, Method = "GET", PathAndQuery = "/" };

    [Fact]
    public void All_must_allow_and_the_first_that_does_not_is_said()
    {
        var set = new PolicySet([new RequestPolicy("reads", new HashSet<string> { "GET" }, null), new GroupsPolicy("staff", new HashSet<string> { "staff" }), new GroupsPolicy("ops", new HashSet<string> { "ops" })], []);

        Assert.Equal("staff", set.FindDenial(Facts with { Groups = ["ops"] })!.Value.Policy.Name);
        Assert.Equal("ops", set.FindDenial(Facts with { Groups = ["staff"] })!.Value.Policy.Name);
        Assert.Equal("reads", set.FindDenial(Facts with { Method = "POST" })!.Value.Policy.Name);
        Assert.Null(set.FindDenial(Facts with { Groups = ["staff", "ops"] }));
        Assert.Null(PolicySet.None.FindDenial(Facts));
    }

    [Fact]
    public void A_rule_that_throws_denies_and_keeps_its_reason_for_the_log()
    {
        var (policy, denial) = new PolicySet([new Broken()], []).FindDenial(Facts)!.Value;

        Assert.Equal("broken", PolicyViolation.Of(policy, denial).PolicyError.Policy);
        Assert.IsType<InvalidTimeZoneException>(denial.Fault);
        Assert.DoesNotContain("secret", denial.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("Finance", false)]
    [InlineData("sales,finance", true)]
    public void Groups_are_compared_exactly_and_no_claim_denies(string? groups, bool allowed) =>
        Assert.Equal(allowed, new GroupsPolicy("money", new HashSet<string> { "finance", "board" }).Judge(Facts with { Groups = groups?.Split(',') }) is null);

    [Theory]
    [InlineData("2026-11-27T12:00:59.999Z", "2026-11-27T12:00:00Z")]
    [InlineData("2026-11-27T12:01:00Z", "2026-11-27T12:01:00Z")]
    [InlineData("1969-12-31T23:59:30Z", "1969-12-31T23:59:00Z")]
    [InlineData("2026-11-27T12:01:00+01:00", "2026-11-27T11:01:00Z")]
    public void Windows_are_aligned_to_the_epoch(string at, string begins) =>
        Assert.Equal(Instant(begins), new RatePolicy("gentle", RatePer.App, 60, TimeSpan.FromMinutes(1)).WindowAt(Instant(at)));

    [Fact]
    public void A_rate_says_when_its_window_ends()
    {
        var refusal = PolicyViolation.Of(new RatePolicy("gentle", RatePer.Grant, 60, TimeSpan.FromSeconds(60)), Instant("2026-11-27T12:00:17.5Z"));

        Assert.Equal(new PolicyError("gentle", "60 in 60 s per grant", "More than 60 in 60 s per grant are not allowed.", 43), refusal.PolicyError);
        Assert.Equal(TimeSpan.FromSeconds(42.5), refusal.RetryAfter);
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Broken : IPolicy
    {
        public string Name => "broken";

        public string Kind => "broken";

        public string Rule => "none";

        public Denial? Judge(CallFacts facts) => throw new InvalidTimeZoneException("secret words");
    }
}
