using System.Net;
using Alter.Apps;
using Alter.Forwarding;
using Alter.Grants;
using Alter.Policies;
using Alter.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Forwarding;

/// <summary>Policies where a call meets them: after what is wrong with the grant, before a token is opened.</summary>
public sealed class CallPolicyTests(SharedAzurite azurite) : IAsyncLifetime
{
    private static readonly GroupsPolicy Staff = new("staff", new HashSet<string> { "staff" });
    private static readonly RequestPolicy Reads = new("reads", new HashSet<string> { "GET" }, null);

    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
    private readonly List<Vault> vaults = [];
    private FakeProvider fake = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => fake = await FakeProvider.StartAsync();

    public async ValueTask DisposeAsync()
    {
        vaults.ForEach(vault => vault.Dispose());
        await fake.DisposeAsync();
    }

    [Fact]
    public async Task The_apps_and_the_providers_policies_must_both_allow()
    {
        var vault = Of(app: new([Staff], []), provider: new([Reads], []));
        var call = await vault.CallAsync(await vault.GrantAsync());

        Assert.Equal("staff", Denied(await Prepare(vault, call)).PolicyError.Policy);
        Assert.Equal("staff", Denied(await Prepare(vault, call with { Method = "POST" })).PolicyError.Policy);
        Assert.Equal("reads", Denied(await Prepare(vault, call with { Method = "POST", Groups = ["staff"] })).PolicyError.Policy);
        Assert.True((await Prepare(vault, call with { Groups = ["staff"] })).Succeeded(out _, out _));
    }

    [Fact]
    public async Task What_is_wrong_with_the_grant_is_said_first_and_a_suspension_before_every_other_policy()
    {
        var vault = Of(app: new([Staff], []));
        var grant = await vault.GrantAsync(draft => draft.Change = row => row with { Scopes = [] });
        var call = await vault.CallAsync(grant);
        var whole = await vault.CallAsync(await vault.GrantAsync(draft => draft.Account = "whole@example.com"));

        Assert.IsType<ScopeReauthRequired>(Refused(await Prepare(vault, call)));
        Assert.IsType<GrantNotFound>(Refused(await Prepare(vault, call with { GrantIdText = Guid.NewGuid().ToString("D") })));
        var suspended = vault.App.SuspendedBy(Suspension.App);
        Assert.Equal("suspended", Denied(await Prepare(vault, whole with { App = suspended })).PolicyError.Policy);
        Assert.Equal("suspended", Denied(await Prepare(vault, whole with { App = suspended, GrantIdText = null, ProviderId = "erp", AccountText = "whole@example.com" })).PolicyError.Policy);
    }

    [Fact]
    public async Task A_denied_call_opens_no_token_and_makes_one_storage_operation()
    {
        var vault = Of(app: new([Staff], [new RatePolicy("few", RatePer.App, 1, TimeSpan.FromMinutes(1))]));
        var call = (await vault.CallAsync(await vault.GrantAsync())) with { GrantIdText = null, ProviderId = "erp" };
        var before = vault.Network.Requests;

        Denied(await Prepare(vault, call));

        Assert.Equal(before + 1, vault.Network.Requests); // The grant's; nothing was counted either.
        Assert.True((await Prepare(vault, call with { Groups = ["staff"] })).Succeeded(out _, out _));
    }

    [Theory]
    [InlineData(RatePer.Grant)]
    [InlineData(RatePer.User)]
    [InlineData(RatePer.App)]
    [InlineData(RatePer.Key)]
    public async Task A_limit_counts_what_it_names_however_the_grant_is_addressed(RatePer per)
    {
        var vault = Of(app: new([], [new RatePolicy("few", per, 3, TimeSpan.FromMinutes(1))]));
        var grant = await vault.GrantAsync();
        var byId = await vault.CallAsync(grant);
        var byProvider = byId with { GrantIdText = null, ProviderId = "erp" };
        var forAnyUser = byId with { Owner = null };

        foreach (var call in new[] { byId, byProvider, forAnyUser })
        {
            Assert.True((await Prepare(vault, call)).Succeeded(out _, out _));
        }

        Assert.All(await Task.WhenAll(new[] { byId, byProvider, forAnyUser }.Select(call => Prepare(vault, call))), outcome =>
        {
            var refusal = Denied(outcome);
            Assert.Equal(("few", $"3 in 60 s per {per.ToWire()}"), (refusal.PolicyError.Policy, refusal.PolicyError.Rule));
            Assert.InRange(refusal.PolicyError.RetryAfter!.Value, 1, 60);
            Assert.NotNull(refusal.RetryAfter);
        });

        // Whoever is counted apart goes on.
        var other = await vault.CallAsync(await vault.GrantAsync(subject: "bob"), subject: "bob");
        var outcomes = (await Prepare(vault, other with { Key = new AppKey("other", [], AppKeyScopes.Default) })).Succeeded(out _, out _);
        Assert.Equal(per is not RatePer.App, outcomes);
    }

    [Fact]
    public async Task A_providers_limit_counts_its_own_calls_alone()
    {
        var vault = Of(provider: new([], [new RatePolicy("few", RatePer.App, 1, TimeSpan.FromMinutes(1))]), others: "crm");
        var erp = await vault.CallAsync(await vault.GrantAsync());
        var crm = await vault.CallAsync(await vault.GrantAsync(draft => draft.Provider = "crm"));

        Assert.True((await Prepare(vault, erp)).Succeeded(out _, out _));
        Denied(await Prepare(vault, erp with { GrantIdText = null, ProviderId = "erp" }));
        Assert.True((await Prepare(vault, crm)).Succeeded(out _, out _));
        Assert.True((await Prepare(vault, crm with { GrantIdText = null, ProviderId = "crm" })).Succeeded(out _, out _));
    }

    [Fact]
    public async Task What_never_came_to_be_admitted_is_not_counted_and_what_was_admitted_is()
    {
        var vault = Of(app: new([], [new RatePolicy("few", RatePer.User, 1, TimeSpan.FromMinutes(1)), new RatePolicy("fewer", RatePer.Grant, 1, TimeSpan.FromDays(1))]));
        var (one, two) = (await vault.CallAsync(await vault.GrantAsync()), await vault.CallAsync(await vault.GrantAsync(draft => draft.Account = "two@example.com")));

        Assert.IsType<GrantNotFound>(Refused(await Prepare(vault, one with { GrantIdText = Guid.NewGuid().ToString("D") })));
        await Eventually.TrueAsync(async () => (await Evaluate(vault, one)).Allowed, "the count is given back");
        Assert.True((await Prepare(vault, one)).Succeeded(out _, out _));
        Assert.Equal("few", Denied(await Prepare(vault, two)).PolicyError.Policy);

        // Of the limit that would have allowed it nothing was used: the second grant's day still has its call.
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await Prepare(vault, two)).Succeeded(out _, out _));
    }

    // The flood is one instance's; the limit is everybody's.
    [Fact]
    public async Task A_flood_of_calls_that_come_to_nothing_uses_up_no_limit_of_another_instance()
    {
        var policies = new PolicySet([], [new RatePolicy("few", RatePer.App, 40, TimeSpan.FromMinutes(1)), new RatePolicy("own", RatePer.User, 2, TimeSpan.FromMinutes(1))]);
        var flooded = Of(app: policies);
        var other = new Vault(new VaultSetup(azurite.ConnectionString, flooded.App) { Time = time });
        vaults.Add(other);
        var mallory = (await flooded.CallAsync(await flooded.GrantAsync(subject: "mallory"), subject: "mallory")) with { GrantIdText = null, ProviderId = "erp" };

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Prepare(flooded, mallory with { AccountText = "nobody" }))));
        await Eventually.TrueAsync(async () => (await Evaluate(flooded, mallory)).Allowed, "what came to nothing is given back");
        Assert.Equal(2, (await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Prepare(flooded, mallory))))).Count(outcome => outcome.Succeeded(out _, out _)));

        var admitted = 0;
        foreach (var subject in Enumerable.Range(0, 25).Select(number => $"user{number}"))
        {
            var call = await other.CallAsync(await other.GrantAsync(subject: subject), subject: subject);
            admitted += (await Prepare(other, call)).Succeeded(out _, out _) ? 1 : 0;
            admitted += (await Prepare(other, call)).Succeeded(out _, out _) ? 1 : 0;
        }

        Assert.InRange(admitted, 37, 38); // Two are Mallory's, and a block of one may lie with the flooded instance.
    }

    [Fact]
    public async Task A_call_by_provider_under_limits_known_beforehand_costs_its_count_beside_the_read()
    {
        var vault = Of(app: new([], [new RatePolicy("exact", RatePer.User, 400, TimeSpan.FromMinutes(1))]));
        var call = (await vault.CallAsync(await vault.GrantAsync())) with { GrantIdText = null, ProviderId = "erp" };
        await Prepare(vault, call);

        // Each request waits until the other is there as well: one after the other they would wait for ever.
        var both = new Barrier();
        vault.Network.Before = _ => both.ArriveAsync();
        Assert.True((await Prepare(vault, call)).Succeeded(out _, out _));
        Assert.Equal(2, both.Arrived);
    }

    [Fact]
    public async Task An_evaluation_says_every_verdict_counts_nothing_and_opens_nothing()
    {
        var office = new CallerAddressPolicy("office", [AddressRange.Parse("203.0.113.0/24", out _)!]);
        var vault = Of(
            app: new([Staff, office], [new RatePolicy("few", RatePer.User, 2, TimeSpan.FromMinutes(1))]),
            provider: new([Reads], [new RatePolicy("fewer", RatePer.Grant, 1, TimeSpan.FromMinutes(1))]));
        var grant = await vault.GrantAsync(draft => draft.Change = row => row with { ExpiresAt = time.GetUtcNow().AddDays(1) });
        var call = (await vault.CallAsync(grant)) with { Groups = ["staff"], CallerAddress = IPAddress.Parse("203.0.113.7") };
        for (var round = 0; round < 5; round++)
        {
            Assert.True(await Evaluate(vault, call) is { Allowed: true });
        }

        Assert.True((await Prepare(vault, call)).Succeeded(out _, out _)); // None of the five had been counted.
        var denied = await Evaluate(vault, call with { Method = "POST", CallerAddress = null });

        Assert.False(denied.Allowed);
        Assert.Equal(
            ["suspended allow", "lifetime allow", "staff allow", "office deny", "reads deny", "few allow", "fewer deny"],
            denied.Verdicts.Select(verdict => $"{verdict.Policy} {(verdict.Allowed ? "allow" : "deny")}"));
        Assert.All(denied.Verdicts, verdict => Assert.Equal(verdict.Allowed, verdict.Message is null));
        Assert.InRange(denied.Verdicts[^1].RetryAfter!.Value, 1, 60);

        var later = await Evaluate(vault, call, time.GetUtcNow().AddDays(2));
        Assert.Equal(["lifetime"], later.Verdicts.Where(verdict => !verdict.Allowed).Select(verdict => verdict.Policy));
    }

    [Fact]
    public async Task What_is_no_policys_business_an_evaluation_refuses_as_the_call_would_be()
    {
        var vault = Of(app: new([Staff], []));
        var grant = await vault.GrantAsync();
        var call = await vault.CallAsync(grant);
        Assert.True((await vault.Revocation.RevokeAsync(grant, Cancellation)).Succeeded(out _, out _));

        foreach (var asked in new[] { call, call with { GrantIdText = Guid.NewGuid().ToString("D") }, call with { GrantIdText = null, ProviderId = "crm" } })
        {
            Assert.False((await vault.Evaluation.EvaluateAsync(asked, time.GetUtcNow(), Cancellation)).Succeeded(out _, out var refusal));
            Assert.Equal(Refused(await Prepare(vault, asked)).GetType(), refusal.GetType());
        }
    }

    private Vault Of(PolicySet? app = null, PolicySet? provider = null, string? others = null)
    {
        var erp = Provider("erp") with { Policies = provider ?? PolicySet.None };
        AppProvider[] all = others is null ? [erp] : [erp, Provider(others)];
        var vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(A.AppId(), all) with { Policies = app ?? PolicySet.None }) { Time = time });
        vaults.Add(vault);
        return vault;
    }

    private AppProvider Provider(string id) => A.Provider(fake, id, definition => definition with { ApiHosts = ["api.erp.acme.com"] });

    private static Task<Outcome<PreparedCall>> Prepare(Vault vault, IncomingCall call) => vault.Calls.PrepareAsync(call, Cancellation).AsTask();

    private async Task<EvaluatedCall> Evaluate(Vault vault, IncomingCall call, DateTimeOffset? at = null)
    {
        Assert.True((await vault.Evaluation.EvaluateAsync(call, at ?? time.GetUtcNow(), Cancellation)).Succeeded(out var evaluated, out var refusal), refusal?.ToString());
        return evaluated;
    }

    private static PolicyViolation Denied(Outcome<PreparedCall> outcome) => Assert.IsType<PolicyViolation>(Refused(outcome));

    private static Refusal Refused(Outcome<PreparedCall> outcome)
    {
        Assert.False(outcome.Succeeded(out _, out var refusal));
        return refusal;
    }

    private sealed class Barrier
    {
        private readonly TaskCompletionSource both = new();
        private int arrived;

        public int Arrived => arrived;

        public Task ArriveAsync()
        {
            if (Interlocked.Increment(ref arrived) == 2)
            {
                both.SetResult();
            }

            return both.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        }
    }
}
