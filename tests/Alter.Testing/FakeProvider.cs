using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Alter.Testing;

/// <summary>A token request as it arrived.</summary>
public sealed record FakeTokenRequest(IReadOnlyDictionary<string, string> Form, string Body, string? Authorization)
{
    /// <summary>The refresh token presented, if any.</summary>
    public string? RefreshToken => Form.GetValueOrDefault("refresh_token");
}

/// <summary>What a test makes the provider answer instead.</summary>
public sealed record FakeAnswer(int Status, string Body, string ContentType = "application/json", string? RetryAfter = null, string? Location = null);

/// <summary>
/// An OAuth provider on loopback with rotating refresh tokens: one that was used before ends its whole family (RFC 9700 §4.14.2). Consent is given by
/// <see cref="Consent"/>; no browser is needed.
/// </summary>
public sealed class FakeProvider : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly Lock gate = new();
    private readonly FakeSigningKey key = FakeSigningKey.Usual();
    private readonly Dictionary<string, Code> codes = [];
    private readonly Dictionary<string, (Family Family, bool IsSpent)> refreshTokens = [];
    private readonly Dictionary<string, Family> accessTokens = [];
    private readonly ConcurrentQueue<FakeTokenRequest> requests = new();
    private readonly ConcurrentQueue<string> revocations = new();
    private int made;

    private FakeProvider(WebApplication web) => this.web = web;

    private sealed record Code(string Account, string RedirectUri, string? Challenge, string? Nonce, string ClientId);

    private sealed class Family(string account)
    {
        public string Account => account;

        public bool IsRevoked { get; set; }
    }

    public string Issuer => web.Urls.First();

    /// <summary>Life of its access tokens in seconds.</summary>
    public int ExpiresIn { get; set; } = 3600;

    /// <summary>The same for one account; null: as <see cref="ExpiresIn"/> says.</summary>
    public Func<string, int?> ExpiresInOf { get; set; } = _ => null;

    /// <summary>False: the refresh token stays the same and may be used again.</summary>
    public bool Rotates { get; set; } = true;

    /// <summary>Instead of the usual answer of the token endpoint; null: the usual one.</summary>
    public Func<FakeTokenRequest, Task<FakeAnswer?>> Token { get; set; } = _ => Task.FromResult<FakeAnswer?>(null);

    /// <summary>Awaited after a token request was served and before it is answered.</summary>
    public Func<FakeTokenRequest, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    /// <summary>Instead of the usual answer of the revocation endpoint.</summary>
    public Func<string, FakeAnswer?> Revocation { get; set; } = _ => null;

    /// <summary>The account resource's answer; null: the usual one.</summary>
    public Func<string, FakeAnswer?> Account { get; set; } = _ => null;

    /// <summary>Changes the claims of the id token before it is signed.</summary>
    public Action<JsonObject> IdToken { get; set; } = _ => { };

    /// <summary>Changes the metadata before it is answered.</summary>
    public Action<JsonObject> Discovery { get; set; } = _ => { };

    /// <summary>Every token request, in order.</summary>
    public IReadOnlyList<FakeTokenRequest> Requests => [.. requests];

    /// <summary>Every token whose revocation was asked, in order.</summary>
    public IReadOnlyList<string> Revocations => [.. revocations];

    /// <summary>Starts on a free port.</summary>
    public static async Task<FakeProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        var provider = new FakeProvider(web);
        web.MapPost("/token", (Delegate)provider.AnswerTokenAsync);
        web.MapPost("/revoke", (Delegate)provider.AnswerRevocationAsync);
        web.MapGet("/account", (Delegate)provider.AnswerAccountAsync);
        web.MapGet("/.well-known/openid-configuration", () => Results.Text(provider.Metadata().ToJsonString(), "application/json"));
        web.MapGet("/keys", () => Results.Text(FakeIdentityProvider.KeySet(provider.key), "application/json"));
        await web.StartAsync();
        return provider;
    }

    /// <summary>How often a refresh token was presented.</summary>
    public int Redemptions(string refreshToken) => requests.Count(request => request.RefreshToken == refreshToken);

    /// <summary>Whose refresh token a request presents; null: it presents none of this provider's.</summary>
    public string? AccountOf(FakeTokenRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (gate)
        {
            return request.RefreshToken is { } token && refreshTokens.TryGetValue(token, out var known) ? known.Family.Account : null;
        }
    }

    /// <summary>Whether an access token would be accepted.</summary>
    public bool Accepts(string accessToken)
    {
        lock (gate)
        {
            return accessTokens.TryGetValue(accessToken, out var family) && !family.IsRevoked;
        }
    }

    /// <summary>Tokens as if the account had consented long ago.</summary>
    public (string AccessToken, string RefreshToken) Issue(string account)
    {
        lock (gate)
        {
            return Issue(new Family(account));
        }
    }

    /// <summary>The person consents at the authorization URL; what their browser brings back.</summary>
    public IReadOnlyDictionary<string, string> Consent(string authorizationUrl, string account = "ada@example.com")
    {
        var query = QueryHelpers.ParseQuery(new Uri(authorizationUrl).Query);
        var code = $"code-{Unique()}";
        lock (gate)
        {
            codes[code] = new Code(account, query["redirect_uri"].ToString(), Text("code_challenge"), Text("nonce"), query["client_id"].ToString());
        }

        return new Dictionary<string, string> { ["code"] = code, ["state"] = query["state"].ToString(), ["iss"] = Issuer };

        string? Text(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;
    }

    /// <summary>The account's owner takes back what an access token stands for.</summary>
    public void TakeBack(string accessToken)
    {
        lock (gate)
        {
            accessTokens[accessToken].IsRevoked = true;
        }
    }

    /// <summary>An access token of an hour, a JWT, as this provider would give an app about one of its users.</summary>
    public string UserToken(string subject, string audience)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = Issuer, ["sub"] = subject, ["name"] = subject, ["aud"] = audience, ["iat"] = now, ["exp"] = now + 3600 };
        return key.Sign(key.Header().ToJsonString(), claims.ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        await web.DisposeAsync();
        key.Dispose();
    }

    private JsonObject Metadata()
    {
        var metadata = new JsonObject
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = $"{Issuer}/authorize",
            ["token_endpoint"] = $"{Issuer}/token",
            ["jwks_uri"] = $"{Issuer}/keys",
            ["subject_types_supported"] = new JsonArray("public"),
            ["authorization_response_iss_parameter_supported"] = true,
        };
        Discovery(metadata);
        return metadata;
    }

    private async Task<IResult> AnswerTokenAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var form = QueryHelpers.ParseQuery(body).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        var request = new FakeTokenRequest(form, body, context.Request.Headers.Authorization);
        requests.Enqueue(request);
        var answer = await Token(request) ?? Redeem(request);
        await BeforeAnswer(request);
        if (answer.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = answer.RetryAfter;
        }

        if (answer.Location is not null)
        {
            context.Response.Headers.Location = answer.Location;
        }

        return Results.Text(answer.Body, answer.ContentType, statusCode: answer.Status);
    }

    private FakeAnswer Redeem(FakeTokenRequest request)
    {
        lock (gate)
        {
            if (request.RefreshToken is { } token)
            {
                return refreshTokens.TryGetValue(token, out var known) ? Rotate(token, known.Family, known.IsSpent) : Error("invalid_grant");
            }

            if (!codes.Remove(request.Form.GetValueOrDefault("code", ""), out var code)
                || code.RedirectUri != request.Form.GetValueOrDefault("redirect_uri")
                || !ProvesPossession(code.Challenge, request.Form.GetValueOrDefault("code_verifier")))
            {
                return Error("invalid_grant");
            }

            return Tokens(code.Account, Issue(new Family(code.Account)), code.Nonce is null ? null : IdTokenFor(code));
        }
    }

    private FakeAnswer Rotate(string token, Family family, bool isSpent)
    {
        if (isSpent)
        {
            family.IsRevoked = true; // Somebody has a copy: nobody keeps anything.
        }

        if (family.IsRevoked)
        {
            return Error("invalid_grant");
        }

        var (access, refresh) = Issue(family);
        if (!Rotates)
        {
            refreshTokens.Remove(refresh);
            return Tokens(family.Account, (access, token), null);
        }

        refreshTokens[token] = (family, true);
        return Tokens(family.Account, (access, refresh), null);
    }

    private (string, string) Issue(Family family)
    {
        var (access, refresh) = ($"access-{Unique()}", $"refresh-{Unique()}");
        accessTokens[access] = family;
        refreshTokens[refresh] = (family, false);
        return (access, refresh);
    }

    private FakeAnswer Tokens(string account, (string Access, string Refresh) tokens, string? idToken)
    {
        var answer = new JsonObject { ["access_token"] = tokens.Access, ["token_type"] = "Bearer", ["expires_in"] = ExpiresInOf(account) ?? ExpiresIn, ["refresh_token"] = tokens.Refresh };
        if (idToken is not null)
        {
            answer["id_token"] = idToken;
        }

        return new FakeAnswer(200, answer.ToJsonString());
    }

    private string IdTokenFor(Code code)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = Issuer, ["sub"] = code.Account, ["email"] = code.Account, ["aud"] = code.ClientId, ["nonce"] = code.Nonce, ["iat"] = now, ["exp"] = now + 300 };
        IdToken(claims);
        return key.Sign(key.Header().ToJsonString(), claims.ToJsonString());
    }

    private async Task<IResult> AnswerRevocationAsync(HttpContext context)
    {
        var token = (await context.Request.ReadFormAsync())["token"].ToString();
        revocations.Enqueue(token);
        if (Revocation(token) is { } answer)
        {
            return Results.Text(answer.Body, answer.ContentType, statusCode: answer.Status);
        }

        lock (gate)
        {
            var family = refreshTokens.TryGetValue(token, out var known) ? known.Family : accessTokens.GetValueOrDefault(token);
            if (family is not null)
            {
                family.IsRevoked = true;
            }
        }

        return Results.Ok();
    }

    private IResult AnswerAccountAsync(HttpContext context)
    {
        var token = context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        string? account;
        lock (gate)
        {
            account = accessTokens.GetValueOrDefault(token)?.Account;
        }

        if (Account(token) is { } answer)
        {
            return Results.Text(answer.Body, answer.ContentType, statusCode: answer.Status);
        }

        return account is null
            ? Results.StatusCode(StatusCodes.Status401Unauthorized)
            : Results.Text(new JsonObject { ["id"] = $"id-{account}", ["email"] = account, ["name"] = "Ada Lovelace" }.ToJsonString(), "application/json");
    }

    private static bool ProvesPossession(string? challenge, string? verifier) =>
        challenge is null || (verifier is not null && Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))) == challenge);

    private static FakeAnswer Error(string code) => new(400, new JsonObject { ["error"] = code }.ToJsonString());

    private string Unique() => $"{Interlocked.Increment(ref made)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
}
