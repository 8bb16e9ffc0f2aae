using System.Net.Http.Headers;
using System.Text;
using Alter.Functions.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Tests.Proxy;

/// <summary>A provider that answers 401 to a token which still seems good.</summary>
public sealed class RepeatedCallTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Theory]
    [InlineData("GET", 0)]
    [InlineData("POST", 5)]
    [InlineData("PUT", 64 * 1024)]
    public async Task The_token_is_refreshed_once_and_the_call_repeated_whole(string method, int length)
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var tokens = new List<string>();
        var bodies = new List<int>();
        var url = vault.Upstream.On(async context =>
        {
            tokens.Add(context.Request.Headers.Authorization.ToString());
            bodies.Add((await ReadAsync(context.Request)).Length);
            context.Response.StatusCode = tokens.Count == 1 ? 401 : 200;
            context.Response.Headers["X-Attempt"] = $"{tokens.Count}";
            await context.Response.WriteAsync(tokens.Count == 1 ? "no" : "yes");
        });

        var answer = (await backend.ProxyAsync(new HttpMethod(method), url, request =>
        {
            request.Headers.Add("X-Alter-Provider", "erp");
            request.Content = length == 0 ? null : new ByteArrayContent(Encoding.ASCII.GetBytes(new string('b', length)));
        })).Is(200);

        Assert.Equal(("yes", "2"), (answer.Text, answer["X-Attempt"]));
        Assert.Equal(2, tokens.Distinct().Count());
        Assert.Equal([length, length], bodies);
    }

    [Fact]
    public async Task A_provider_that_refuses_every_token_is_asked_twice_and_then_left_alone()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var calls = 0;
        var url = vault.Upstream.On(context =>
        {
            calls++;
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            return context.Response.WriteAsync("never");
        });

        var first = (await backend.CallAsync("erp", url)).Is(401);
        Assert.Equal(("never", "Bearer error=\"invalid_token\"", null), (first.Text, first["WWW-Authenticate"], first["X-Alter-Error"]));
        Assert.Equal(2, calls);
        (await backend.CallAsync("erp", url)).Is(401);
        Assert.Equal(3, calls); // Security rule A39: no second refresh within five minutes.
    }

    [Fact]
    public async Task Where_the_user_took_the_grant_back_at_the_provider_the_vault_says_so_at_once()
    {
        var backend = vault.Shop();
        var grant = await backend.ConnectAsync();
        var url = vault.Upstream.On(context =>
        {
            vault.Erp.TakeBack(context.Request.Headers.Authorization.ToString()["Bearer ".Length..]);
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });

        var ended = (await backend.CallAsync("erp", url)).IsRefusal(403, "credential_revoked");

        Assert.Equal((string?)grant["grant_id"], (string?)ended.Json["grant_id"]);
        Assert.Null(ended["WWW-Authenticate"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_streams_or_is_large_is_never_sent_twice(bool streams)
    {
        var backend = vault.Shop();
        await backend.ConnectAsync();
        var calls = 0;
        var url = vault.Upstream.On(async context =>
        {
            calls++;
            await ReadAsync(context.Request);
            context.Response.StatusCode = 401;
        });

        (await backend.ProxyAsync(HttpMethod.Post, url, request =>
        {
            request.Headers.Add("X-Alter-Provider", "erp");
            request.Headers.TransferEncodingChunked = streams;
            request.Content = new ByteArrayContent(new byte[streams ? 10 : (64 * 1024) + 1]);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        })).Is(401);

        Assert.Equal(1, calls);
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }
}
