using Alter.Sdk;
using static Alter.Tests.Sdk.SdkFixture;

namespace Alter.Tests.Sdk;

public sealed class UserTokenTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_parallel_calls_each_carry_their_own_token()
    {
        await using var fixture = await StartAsync();
        var current = new AsyncLocal<string?>();
        using var app = fixture.App(options => options.UserToken = async _ =>
        {
            await Task.Yield();
            return current.Value;
        });
        using var client = app.CreateClient("google");

        await Task.WhenAll(Enumerable.Range(0, 50).Select(user => Task.Run(async () =>
        {
            current.Value = $"token.of.{user}";
            using var answer = await client.GetAsync(new Uri($"{Url}?user={user}"), Now);
        })));

        Assert.Equal(50, fixture.Vault.Calls.Count);
        Assert.All(fixture.Vault.Calls, call => Assert.EndsWith(call["X-Alter-Url"]!.Split('=')[1], call["X-Alter-User-Token"], StringComparison.Ordinal));
        Assert.All(fixture.Vault.Calls, call => Assert.Equal(call["X-Alter-User-Token"], $"token.of.{call["X-Alter-Url"]!.Split('=')[1]}"));
    }

    [Fact]
    public async Task Without_a_current_user_a_call_by_provider_says_what_to_do()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App(options => options.UserToken = _ => ValueTask.FromResult<string?>(null));

        var thrown = await Assert.ThrowsAsync<InvalidUserTokenException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));
        await Assert.ThrowsAsync<InvalidUserTokenException>(() => app.ListGrantsPageAsync(cancellationToken: Now));
        await Assert.ThrowsAsync<InvalidUserTokenException>(() => app.CreateConnectSessionAsync(new ConnectSessionRequest(), Now));

        Assert.Equal("missing", thrown.Reason);
        Assert.Contains("CallOptions", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("by its id", thrown.Message, StringComparison.Ordinal);
        Assert.Empty(fixture.Vault.Calls);
    }

    [Fact]
    public async Task A_background_job_names_the_grant_by_its_id_or_brings_the_token()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App(options => options.UserToken = _ => ValueTask.FromResult<string?>(null));
        var id = Guid.NewGuid();

        using var byId = await app.RequestAsync(HttpMethod.Get, Url, GrantSelector.ById(id), Now);
        using var request = new HttpRequestMessage(HttpMethod.Get, Url);
        using var withToken = await app.SendAsync(request, "google", new CallOptions { UserToken = AdasToken }, Now);

        Assert.Equal([null, AdasToken], fixture.Vault.Calls.Select(call => call["X-Alter-User-Token"]));
        Assert.Equal([id.ToString("D"), null], fixture.Vault.Calls.Select(call => call["X-Alter-Grant-Id"]));
    }

    [Fact]
    public async Task An_app_without_users_needs_no_token()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App(options => options.UserToken = null);

        using var answer = await app.RequestAsync(HttpMethod.Get, Url, "google", Now);

        Assert.Null(Assert.Single(fixture.Vault.Calls)["X-Alter-User-Token"]);
    }

    [Theory]
    [InlineData("a.b.c\r\nX-Alter-Account: mallory")]
    [InlineData("a.b.c d")]
    [InlineData("ä.b.c")]
    public async Task A_token_that_is_none_is_refused_and_not_repeated(string token)
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App(options => options.UserToken = _ => ValueTask.FromResult<string?>(token));

        var thrown = await Assert.ThrowsAsync<InvalidUserTokenException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));

        Assert.Equal("malformed", thrown.Reason);
        Assert.DoesNotContain(token, thrown.ToString(), StringComparison.Ordinal);
        Assert.Empty(fixture.Vault.Calls);
    }

    [Fact]
    public async Task A_token_of_more_than_sixteen_kibibytes_is_named_as_too_large()
    {
        await using var fixture = await StartAsync();
        using var app = fixture.App(options => options.UserToken = _ => ValueTask.FromResult<string?>(new string('a', 16 * 1024 + 1)));

        var thrown = await Assert.ThrowsAsync<AlterValueException>(() => app.RequestAsync(HttpMethod.Get, Url, "google", Now));

        Assert.Equal("request_too_large", thrown.Code);
    }

    [Fact]
    public void What_may_hold_a_token_never_prints_it()
    {
        object[] holders =
        [
            new CallOptions { UserToken = AdasToken },
            new ConnectSessionRequest { UserToken = AdasToken },
            new ConnectOptions { UserToken = AdasToken },
            new GrantFilter { UserToken = AdasToken },
            new ConnectSession { SessionToken = AdasToken, ConnectUrl = $"https://vault/#session={AdasToken}" },
            new AlterOptions { ApiKey = AdasToken },
        ];

        Assert.All(holders, holder => Assert.DoesNotContain(AdasToken, holder.ToString(), StringComparison.Ordinal));
    }
}
