using Alter.Grants;
using Alter.Testing;

namespace Alter.Tests.Grants;

public sealed class GrantHealthTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 30, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Soon = Now.AddSeconds(20);
    private static readonly Grant Grant = A.Grant(A.Key()) with { DueAt = Now.AddMinutes(25) };

    [Fact]
    public void A_grant_that_did_not_fail_is_ok_even_when_its_access_token_is_past() =>
        Assert.Equal(new(GrantHealthState.Ok, null, null), GrantHealth.Of(Grant with { AccessTokenExpiresAt = Now.AddHours(-1) }, Now, false));

    [Fact]
    public void After_a_failed_refresh_it_says_what_failed_and_when_it_is_tried_again() =>
        Assert.Equal(
            new(GrantHealthState.Retrying, "provider_timeout", Soon),
            GrantHealth.Of(Grant with { Fails = 2, LastError = "provider_timeout", NextAttemptAt = Soon }, Now, false));

    [Fact]
    public void A_live_lease_is_a_refresh_under_way() =>
        Assert.Equal(new(GrantHealthState.Refreshing, null, null), GrantHealth.Of(Grant with { Lease = new("op", Soon, 1) }, Now, false));

    [Fact]
    public void A_lapsed_lease_of_its_generation_is_a_refresh_that_never_came_back() =>
        Assert.Equal(new(GrantHealthState.Interrupted, null, Grant.DueAt), GrantHealth.Of(Grant with { Lease = new("op", Now, 1) }, Now, false));

    [Fact]
    public void A_lease_of_an_older_generation_says_nothing() =>
        Assert.Equal(GrantHealthState.Ok, GrantHealth.Of(Grant with { Generation = 2, Lease = new("op", Soon, 1) }, Now, false).State);

    [Fact]
    public void An_orphan_is_orphaned_whatever_else_happened_to_it_and_an_ended_one_is_ended()
    {
        Assert.Equal(new(GrantHealthState.Orphaned, null, null), GrantHealth.Of(Grant with { Fails = 2, Lease = new("op", Soon, 1) }, Now, true));
        Assert.Equal(new(GrantHealthState.Ended, null, null), GrantHealth.Of(Grant with { Status = GrantStatus.Revoked, Fails = 3 }, Now, true));
        Assert.Equal(new(GrantHealthState.Ended, null, null), GrantHealth.Of(Grant with { ExpiresAt = Now }, Now, false));
        Assert.Equal(new(GrantHealthState.Ended, "invalid_grant", null), GrantHealth.Of(Grant.Ended(GrantStatus.CredentialRevoked, "invalid_grant", Now), Now, false));
    }

    [Theory]
    [InlineData("\u001b[2J")]
    [InlineData("Call +1 555 0100")]
    [InlineData("")]
    public void Only_what_has_the_form_of_a_code_is_repeated(string text) =>
        Assert.Null(GrantHealth.Of(Grant with { Fails = 1, LastError = text }, Now, false).LastError);

    [Fact]
    public void The_wire_names_are_those_of_the_documentation() =>
        Assert.Equal(["ok", "retrying", "refreshing", "interrupted", "orphaned", "ended"], Enum.GetValues<GrantHealthState>().Select(state => state.ToWire()));
}
