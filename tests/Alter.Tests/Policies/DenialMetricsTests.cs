using Alter.Apps;
using Alter.Policies;
using Alter.Testing;

namespace Alter.Tests.Policies;

public sealed class DenialMetricsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_refusal_is_counted_by_app_and_code_and_a_policys_by_its_kind()
    {
        using var measured = new Measurements("alter.denials");

        DenialMetrics.Count("", new InvalidApiKey("The key is unknown."));
        DenialMetrics.Count("shop", PolicyViolation.Of(Suspension.App));
        DenialMetrics.Count("shop", PolicyViolation.Of(new GroupsPolicy("staff", new HashSet<string> { "staff" }), new Denial("Nobody of the staff.")));
        DenialMetrics.Count("shop", PolicyViolation.Of(new RatePolicy("gentle", RatePer.App, 60, TimeSpan.FromMinutes(1)), Now));

        Assert.Equal(
            [
                "app=- code=invalid_api_key policy_kind=-",
                "app=shop code=policy_violation policy_kind=suspension",
                "app=shop code=policy_violation policy_kind=groups",
                "app=shop code=policy_violation policy_kind=rate",
            ],
            measured.All.Select(one => one.Tags));
        Assert.All(measured.All, one => Assert.Equal(("alter.denials", 1), (one.Instrument, one.Value)));
    }
}
