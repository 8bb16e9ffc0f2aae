using Alter.Connect;
using Alter.Keys;
using Alter.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Connect;

/// <summary>Session tokens, states, cookies and codes that were never given out. None of these parsers has storage to ask.</summary>
public sealed class HostileConnectTests : IDisposable
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 12, 30, 0, TimeSpan.Zero));
    private readonly KeyRing ring;

    public HostileConnectTests() => ring = new KeyRing(new FakeKeySource(A.Key()), time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => ring.Dispose();

    [Fact]
    public async Task A_token_names_its_place_and_no_changed_one_names_another()
    {
        var tokens = new ConnectTokens(ring, time);
        var (session, key) = await tokens.NewSessionAsync(time.GetUtcNow().AddMinutes(10), Cancellation);
        var (state, place) = await tokens.NewStateAsync(time.GetUtcNow().AddMinutes(10), Cancellation);
        Assert.Equal((key, place), (await tokens.ReadSessionAsync(session, Cancellation), await tokens.ReadStateAsync(state, Cancellation)));
        Assert.Null(await tokens.ReadStateAsync(session["sess_".Length..], Cancellation));
        Assert.Null(await tokens.ReadSessionAsync($"sess_{state}", Cancellation));

        await Hostile.EachAsync(Hostile.Text(session, state), 3000, async text =>
        {
            Assert.True(await tokens.ReadSessionAsync(text, Cancellation) is not { } read || read == key);
            Assert.True(await tokens.ReadStateAsync(text, Cancellation) is not { } found || found == place);
        });
    }

    [Fact]
    public async Task A_cookie_is_opened_as_it_was_sealed_or_not_at_all()
    {
        var cookies = new UserCookies(ring, time);
        var user = new SignedInUser("https://idp.acme.com", "sub", "ada", time.GetUtcNow());
        var cookie = await cookies.SealAsync("idp", user, Cancellation);
        Assert.Equal(user, await cookies.OpenAsync("idp", cookie, Cancellation));

        await Hostile.EachAsync(Hostile.Text(cookie), 3000, async text =>
        {
            Assert.True(await cookies.OpenAsync("idp", text, Cancellation) is not { } opened || opened == user);
            Assert.Null(await cookies.OpenAsync("another", text, Cancellation));
        });
    }

    [Fact]
    public void A_code_matches_as_it_was_given_or_not_at_all()
    {
        var key = A.Key();
        var pending = A.Grant(key) with { Browser = new string('b', 64), Key = new("shop|0", $"~p|{new string('5', 64)}|erp") };
        var code = CompletionCode.Of(key, pending);
        Assert.True(CompletionCode.IsFormed(code) && CompletionCode.Matches(code, key, pending));

        Hostile.Each(Hostile.Text(code), 3000, text => Assert.Equal(text == code, CompletionCode.IsFormed(text) && CompletionCode.Matches(text, key, pending)));
        Assert.False(CompletionCode.Matches(code, key, pending with { Browser = new string('c', 64) }));
        Assert.False(CompletionCode.Matches(code, A.Key(), pending));
    }
}
