using Alter.Audit;
using Alter.Forwarding;
using Alter.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Forwarding;

public sealed class CallMetricsTests
{
    private readonly FakeTimeProvider time = new();

    [Theory]
    [InlineData("shop", "erp", AuditOutcomes.Answered, 204, "app=shop provider=erp outcome=answered status_class=2xx")]
    [InlineData("shop", "erp", AuditOutcomes.Answered, 503, "app=shop provider=erp outcome=answered status_class=5xx")]
    [InlineData("shop", null, "grant_not_found", 404, "app=shop provider=- outcome=grant_not_found status_class=4xx")]
    [InlineData("", null, "invalid_api_key", 401, "app=- provider=- outcome=invalid_api_key status_class=4xx")]
    [InlineData("shop", "erp", AuditOutcomes.CallerLeft, null, "app=shop provider=erp outcome=caller_left status_class=-")]
    [InlineData("shop", "erp", AuditOutcomes.Answered, 999, "app=shop provider=erp outcome=answered status_class=-")]
    public void A_call_is_counted_by_app_provider_outcome_and_class_of_status(string app, string? provider, string outcome, int? status, string tags)
    {
        using var measured = new Measurements("alter.calls");

        CallMetrics.Count(app, provider, outcome, status);

        Assert.Equal(new Measured("alter.calls", 1, tags), Assert.Single(measured.All));
    }

    [Fact]
    public void What_the_vault_adds_is_its_time_without_the_providers_however_often_it_was_asked()
    {
        using var measured = new Measurements("alter.call.overhead");
        var context = new DefaultHttpContext();
        CallClock.Start(context, time);
        var clock = context.Features.Get<CallClock>()!;
        Passes(4);
        clock.Sent();
        Passes(1000);
        clock.Answered(); // It refused the token.
        Passes(30); // Another is had.
        clock.Sent();
        Passes(2000);
        clock.Answered();
        Passes(1);
        clock.Released("erp");

        var overhead = Assert.Single(measured.All);
        Assert.Equal(("alter.call.overhead", "provider=erp"), (overhead.Instrument, overhead.Tags));
        Assert.Equal(0.035, overhead.Value, precision: 9);

        void Passes(int milliseconds) => time.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }
}
