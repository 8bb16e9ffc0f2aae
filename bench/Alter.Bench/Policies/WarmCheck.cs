using System.Net;
using Alter.Apps;
using Alter.Egress;
using Alter.Identity;
using Alter.Policies;
using Alter.RateLimits;
using Alter.Storage;
using Alter.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alter.Bench.Policies;

/// <summary>What a warm call pays in this process for knowing its user and for its policies: time and memory of each part, alone and in sequence.</summary>
internal static class WarmCheck
{
    private const int Rounds = 5;

    /// <summary>Each part with microseconds and bytes of one check: the best of five rounds.</summary>
    public static async Task<IReadOnlyList<(string Part, double Microseconds, double Bytes)>> RunAsync(int checks, CancellationToken cancellationToken)
    {
        await using var issuer = await FakeIdentityProvider.StartAsync(TimeProvider.System);
        await using var storage = await Azurite.StartAsync();
        using var handlers = new EgressHandlers();
        var verifier = new UserTokenVerifier(new SigningKeys(new EgressClient(handlers, TimeProvider.System), TimeProvider.System, NullLogger<SigningKeys>.Instance), TimeProvider.System);
        var app = A.App("shop") with
        {
            IdentityProviders = [new IdentityProviderConfiguration { Id = "acme", Issuer = issuer.Issuer, Audiences = ["https://api.acme.com"], GroupsClaim = "groups", AllowInsecureLocal = true }],
        };
        var token = issuer.Token(claims => claims["groups"] = new System.Text.Json.Nodes.JsonArray("staff"));
        var (policies, facts) = (Policies(), Facts());
        var tables = new AlterTables(new AlterStorageOptions(storage.ConnectionString, null, null, null));
        var limiter = new RateLimiter(new RateLimitStore(tables, TimeProvider.System), RateLimitOptions.Default, TimeProvider.System);

        // A block of 25,000: all but a few checks find a call in hand, as on a busy instance.
        var key = new RateKey("shop", "", new RatePolicy("limit", RatePer.App, 10_000_000, TimeSpan.FromDays(1)), "shop");
        return
        [
            await MeasureAsync("user token (RS256) and its groups", checks, async () => Require((await verifier.VerifyAsync(app, token, cancellationToken)).Succeeded(out _, out _))),
            await MeasureAsync("four rules: hours, address, request, groups", checks, () =>
            {
                Require(policies.FindDenial(facts with { At = TimeProvider.System.GetUtcNow() }) is null);
                return Task.CompletedTask;
            }),
            await MeasureAsync("a limit with calls in hand", checks, async () => Require((await limiter.TakeAsync(key, cancellationToken)).Window is not null)),
            await MeasureAsync("all of it", checks, async () =>
            {
                Require((await verifier.VerifyAsync(app, token, cancellationToken)).Succeeded(out _, out _));
                Require(policies.FindDenial(facts with { At = TimeProvider.System.GetUtcNow() }) is null);
                Require((await limiter.TakeAsync(key, cancellationToken)).Window is not null);
            }),
        ];
    }

    private static async Task<(string, double, double)> MeasureAsync(string part, int checks, Func<Task> check)
    {
        var (best, bytes) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round <= Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var started = TimeProvider.System.GetTimestamp();
            for (var at = 0; at < checks; at++)
            {
                await check();
            }

            var took = TimeProvider.System.GetElapsedTime(started);
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            if (round > 0) // The first one compiles.
            {
                (best, bytes) = (Math.Min(best, took.TotalMicroseconds / checks), Math.Min(bytes, (double)allocated / checks));
            }
        }

        return (part, best, bytes);
    }

    private static PolicySet Policies() => new(
        [
            new TimeOfDayPolicy("hours", Enum.GetValues<DayOfWeek>().ToHashSet(), default, default, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")),
            new CallerAddressPolicy("office", [AddressRange.Parse("192.0.2.0/24", out _)!, AddressRange.Parse("2001:db8::/32", out _)!, AddressRange.Parse("203.0.113.0/24", out _)!]),
            new RequestPolicy("orders", new HashSet<string> { "GET", "HEAD" }, [PathPattern.Parse("/v2/orders")!, PathPattern.Parse("/v2/orders/**")!]),
            new GroupsPolicy("staff", new HashSet<string> { "staff", "board" }),
        ],
        []);

    private static CallFacts Facts() => new()
    {
        At = TimeProvider.System.GetUtcNow(),
        Method = "GET",
        PathAndQuery = "/v2/orders/17/lines?expand=item",
        BatchPaths = ["/batch"],
        CallerAddress = IPAddress.Parse("203.0.113.7"),
        Groups = ["staff"],
    };

    private static void Require(bool allowed)
    {
        if (!allowed)
        {
            throw new InvalidOperationException("A check that is measured must allow.");
        }
    }
}
