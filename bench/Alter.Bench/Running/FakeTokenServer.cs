using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Alter.Providers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Alter.Bench.Running;

/// <summary>
/// A provider's token endpoint and API on loopback: it counts every presentation of a refresh token and does with a spent one what its kind of rotation says.
/// </summary>
public sealed class FakeTokenServer : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly ConcurrentDictionary<string, TokenFamily> refreshTokens = new();
    private readonly ConcurrentDictionary<string, TokenFamily> accessTokens = new();
    private int made;
    private int requests;

    private FakeTokenServer(WebApplication web, RotationKind rotation, TimeSpan grace) => (this.web, Rotation, Grace) = (web, rotation, grace);

    /// <summary>What becomes of a used refresh token.</summary>
    public RotationKind Rotation { get; }

    /// <summary>How long a spent token is still taken, with <see cref="RotationKind.Grace"/>.</summary>
    public TimeSpan Grace { get; }

    /// <summary>How long a token request waits before it is redeemed.</summary>
    public Func<TimeSpan> BeforeRedeeming { get; set; } = () => TimeSpan.Zero;

    /// <summary>How long its answer waits.</summary>
    public Func<TimeSpan> BeforeAnswer { get; set; } = () => TimeSpan.Zero;

    /// <summary>Life of its access tokens.</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Token requests that arrived.</summary>
    public int Requests => requests;

    public Uri Url => new(web.Urls.First());

    /// <summary>When the API was last called, a timestamp of <see cref="TimeProvider.System"/>.</summary>
    public long CalledAt { get; private set; }

    /// <summary>When the last token request arrived and was answered, timestamps of the same clock; what storage does meanwhile costs no time.</summary>
    public (long Arrived, long Answered) Redeemed { get; private set; }

    /// <summary>Answers 200 and whose it is to a token of a living family, 401 to any other.</summary>
    public Uri Api => new(Url, "/api");

    /// <summary>Starts on a free port.</summary>
    public static async Task<FakeTokenServer> StartAsync(RotationKind rotation, TimeSpan grace = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new FakeTokenServer(builder.Build(), rotation, grace);
        server.web.MapPost("/token", (Delegate)server.AnswerTokenAsync);
        server.web.MapMethods("/api", ["GET", "POST"], (Delegate)server.AnswerApi);
        await server.web.StartAsync();
        return server;
    }

    /// <summary>A family as if its account had consented long ago.</summary>
    public (string AccessToken, string RefreshToken, TokenFamily Family) Issue(string account)
    {
        var family = new TokenFamily(account);
        var (access, refresh) = Issue(family);
        return (access, refresh, family);
    }

    /// <summary>Whether a refresh token would bring new tokens now.</summary>
    public bool Redeems(string? refreshToken) =>
        refreshToken is not null && refreshTokens.TryGetValue(refreshToken, out var family) && family.Accepts(refreshToken, Rotation, Grace);

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private async Task<IResult> AnswerTokenAsync(HttpContext context)
    {
        var presented = (await context.Request.ReadFormAsync())["refresh_token"].ToString();

        Interlocked.Increment(ref requests);
        var (arrived, presentation) = (TimeProvider.System.GetTimestamp(), new Presentation(TimeProvider.System.GetUtcNow()));
        context.Features.Get<IConnectionLifetimeFeature>()?.ConnectionClosed.Register(() => presentation.ClosedAt = TimeProvider.System.GetUtcNow());

        refreshTokens.GetValueOrDefault(presented)?.Arrive();

        // No token of the request: a provider that has begun goes on when its client is killed.
        await Task.Delay(BeforeRedeeming(), TimeProvider.System, CancellationToken.None);
        if (!refreshTokens.TryGetValue(presented, out var family) || !family.TryRedeem(presented, presentation, Rotation, Grace))
        {
            return Results.Text("""{"error":"invalid_grant"}""", "application/json", statusCode: StatusCodes.Status400BadRequest);
        }

        var (access, refresh) = Issue(family, Rotation is RotationKind.None ? presented : null);
        await Task.Delay(BeforeAnswer(), TimeProvider.System, CancellationToken.None);
        Redeemed = (arrived, TimeProvider.System.GetTimestamp());
        var answer = new JsonObject { ["access_token"] = access, ["token_type"] = "Bearer", ["expires_in"] = (int)AccessTokenLifetime.TotalSeconds, ["refresh_token"] = refresh };
        return Results.Text(answer.ToJsonString(), "application/json");
    }

    private IResult AnswerApi(HttpContext context)
    {
        CalledAt = TimeProvider.System.GetTimestamp();
        var token = context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        return accessTokens.TryGetValue(token, out var family) && !family.IsRevoked ? Results.Text(family.Account) : Results.StatusCode(StatusCodes.Status401Unauthorized);
    }

    private (string Access, string Refresh) Issue(TokenFamily family, string? keptRefreshToken = null)
    {
        var number = Interlocked.Increment(ref made);
        var (access, refresh) = ($"access-{number}", keptRefreshToken ?? $"refresh-{number}");
        accessTokens[access] = family;
        refreshTokens[refresh] = family;
        return (access, refresh);
    }
}
