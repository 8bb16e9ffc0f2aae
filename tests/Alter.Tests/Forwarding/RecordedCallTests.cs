using System.Net;
using System.Text;
using Alter.Audit;
using Alter.Egress;
using Alter.Forwarding;
using Alter.Grants;
using Alter.Storage;
using Alter.Testing;
using Alter.Tests.Audit;
using Azure.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Forwarder;

namespace Alter.Tests.Forwarding;

/// <summary>Calls through a real forwarder, with an API behind it that counts, and a record that storage may not take.</summary>
public sealed class RecordedCallTests(OwnAzurite azurite) : RecordFixture(azurite), IClassFixture<OwnAzurite>
{
    private int reached;
    private Action<HttpContext> arriving = _ => { };
    private Func<HttpContext, Task> answer = context => context.Response.WriteAsync("orders");

    [Fact]
    public async Task A_call_has_an_entry_before_and_one_after()
    {
        await using var world = await WorldAsync();
        using var response = await world.SendAsync(HttpMethod.Post, "eleven byte");
        Assert.Equal("orders", await response.Content.ReadAsStringAsync(Cancellation));
        await Vault.Record.DrainAsync(Cancellation);

        var entries = (await RowsAsync()).Select(Read).Where(entry => entry.Kind is AuditKinds.Call or AuditKinds.End).ToList();
        Assert.Equal([AuditKinds.Call, AuditKinds.End], entries.Select(entry => entry.Kind));
        Assert.Equal(entries[0].Id, entries[1].Id);
        var end = entries[1];
        Assert.Equal((AuditOutcomes.Answered, 200, 11L, 6L), (end.Outcome, end.Status, end.BytesIn, end.BytesOut));
        Assert.Equal((world.Grant.Id, world.Grant.Place.UserHash, world.Grant.Place.AccountKey), (end.GrantId!.Value, end.User, end.Account));
        Assert.Equal((App, "main", "nightly", "sync", "42"), (end.App, end.KeyId, end.Caller, end.Reason, end.Context!["run_id"]));
        Assert.Equal("The provider answered; there is nothing to do.", end.Explanation);
    }

    // Storage takes the grant's read, but no entry.
    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task What_cannot_be_recorded_is_not_sent_where_it_changes_something(string method)
    {
        await using var world = await WorldAsync();
        Vault.Network.LosesRequest = IsRecord;
        using var response = await world.SendAsync(new HttpMethod(method));
        Assert.Equal((HttpStatusCode)503, response.StatusCode);
        Assert.Equal("audit_unavailable", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(0, reached);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("OPTIONS")]
    public async Task What_cannot_be_recorded_is_not_released_where_it_only_reads(string method)
    {
        await using var world = await WorldAsync();
        answer = context =>
        {
            context.Response.Headers["X-Order"] = "7";
            return context.Response.WriteAsync("orders");
        };
        Vault.Network.LosesRequest = IsRecord;
        using var response = await world.SendAsync(new HttpMethod(method));
        Assert.Equal((HttpStatusCode)503, response.StatusCode);
        Assert.Equal("audit_unavailable", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.False(response.Headers.Contains("X-Order"));
        Assert.Equal(1, reached);
    }

    [Fact]
    public async Task A_read_calls_its_provider_while_its_entry_is_written_and_answers_only_after()
    {
        await using var world = await WorldAsync();
        await world.SendAsync(HttpMethod.Get); // The lane is there.
        var (held, asked) = (new TaskCompletionSource(), new TaskCompletionSource());
        Vault.Network.Before = request => IsRecord(request) ? held.Task : Task.CompletedTask;
        answer = async context =>
        {
            asked.TrySetResult();
            await context.Response.WriteAsync("orders");
        };
        var sending = world.SendAsync(HttpMethod.Get);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.False(sending.IsCompleted);
        held.SetResult();
        using var response = await sending;
        Assert.Equal("orders", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_warm_call_waits_for_one_round_trip_before_its_provider_is_called_whatever_its_method()
    {
        await using var world = await WorldAsync();
        await world.SendAsync(HttpMethod.Get);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            var (reads, entries) = (0, 0);
            var first = new TaskCompletionSource();
            Vault.Network.Before = request =>
            {
                _ = IsRecord(request) ? Interlocked.Increment(ref entries) : request.Method == RequestMethod.Get ? Interlocked.Increment(ref reads) : 0;
                if (method == HttpMethod.Post && Volatile.Read(ref reads) > 0 && Volatile.Read(ref entries) > 0)
                {
                    first.TrySetResult(); // Side by side: neither is answered before the other is asked.
                }

                return method == HttpMethod.Post ? first.Task : Task.CompletedTask;
            };
            var before = -1;
            answer = context =>
            {
                before = reads;
                return context.Response.WriteAsync("orders");
            };
            using var response = await world.SendAsync(method);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(1, before);
            Vault.Network.Before = _ => Task.CompletedTask;
            await Vault.Record.DrainAsync(Cancellation);
        }
    }

    [Fact]
    public async Task A_refused_read_has_one_entry_that_says_why()
    {
        await using var world = await WorldAsync();
        Assert.True((await Vault.Revocation.RevokeAsync(world.Grant, Cancellation)).Succeeded(out _, out _));
        using var response = await world.SendAsync(HttpMethod.Get);
        Assert.Equal("grant_revoked", await response.Content.ReadAsStringAsync(Cancellation));
        await Vault.Record.DrainAsync(Cancellation);

        var entry = Assert.Single((await RowsAsync()).Select(Read), entry => entry.Kind is AuditKinds.Call or AuditKinds.End);
        Assert.Equal((AuditKinds.End, "grant_revoked", 403), (entry.Kind, entry.Outcome, entry.Status));
        Assert.Equal((world.Grant.Id, world.Grant.Place.UserHash, world.Grant.Place.AccountKey), (entry.GrantId!.Value, entry.User, entry.Account)); // Its owner sees it.
        Assert.Equal(0, reached);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_recorded_as_cut_off()
    {
        await using var world = await WorldAsync();
        var received = new TaskCompletionSource();
        answer = async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync(Cancellation);
            await received.Task;
            context.Abort();
        };
        using var response = await world.SendAsync(HttpMethod.Get);
        received.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(Cancellation));
        await Eventually.TrueAsync(
            async () =>
            {
                await Vault.Record.DrainAsync(Cancellation);
                return (await RowsAsync()).Select(Read).Any(entry => entry.Outcome is AuditOutcomes.CutOff);
            },
            "it was recorded");
    }

    [Fact]
    public async Task Whoever_leaves_before_the_body_is_there_is_recorded_so_and_nothing_is_sent()
    {
        await using var world = await WorldAsync();
        using var leaving = new CancellationTokenSource();
        arriving = context =>
        {
            (context.RequestAborted, context.Request.Body) = (leaving.Token, new LeavingBody(leaving));
        };
        using var response = await world.SendAsync(HttpMethod.Post, "eleven byte");
        await Vault.Record.DrainAsync(Cancellation);

        var end = Assert.Single((await RowsAsync()).Select(Read), entry => entry.Kind is AuditKinds.End);
        Assert.Equal((AuditOutcomes.CallerLeft, null, world.Grant.Id), (end.Outcome, end.Status, end.GrantId));
        Assert.Equal(0, reached);
    }

    private static bool IsRecord(Request request) => request.Uri.Path.EndsWith("/$batch", StringComparison.Ordinal);

    private async Task<World> WorldAsync()
    {
        var api = await StartAsync(_ => { }, async context =>
        {
            Interlocked.Increment(ref reached);
            await context.Request.Body.CopyToAsync(Stream.Null, Cancellation);
            await answer(context);
        });
        Vault.Dispose();
        Vault = NewVault(new Uri(api.Urls.First()).Authority);
        var owner = await OwnerAsync("ada");
        var grant = await Vault.GrantAsync(draft =>
        {
            (draft.Owner, draft.CreatedAt) = (owner, Time.GetUtcNow());
            (draft.Access, draft.Refresh) = Provider.Issue("ada");
        });
        await Vault.Record.DrainAsync(Cancellation);
        var handlers = new EgressHandlers();
        var use = new GrantUse(Vault.Store, Time, NullLogger<GrantUse>.Instance);
        var target = new Uri(api.Urls.First() + "/orders?secret=1");
        WebApplication vault = null!;
        vault = await StartAsync(services => services.AddHttpForwarder(), async context =>
        {
            arriving(context);
            var forwarder = new ProviderForwarder(vault.Services.GetRequiredService<IHttpForwarder>(), handlers, Vault.AccessTokens, use, NullLogger<ProviderForwarder>.Instance);
            var headers = new HeaderDictionary
            {
                ["X-Alter-Url"] = target.OriginalString, ["X-Alter-Provider"] = "erp", ["X-Alter-Caller"] = "nightly", ["X-Alter-Reason"] = "sync", ["X-Alter-Context"] = """{"run_id":"42"}""",
            };
            Assert.True(ControlHeaders.Read(headers).Succeeded(out var control, out _));
            Assert.True(ProviderCall.ReadTarget(Vault.App, control.TargetText).Succeeded(out var url, out _));
            var request = RequestEntry.Begin(context, OperationId.New(), Time.GetUtcNow());
            (request.App, request.KeyId, request.User, request.Provider, request.Url) = (App, "main", owner.Hash, "erp", url.WithoutQuery);
            (request.Caller, request.Reason, request.Context) = (control.CallerLabel, control.ReasonText, control.ContextEntries);
            var asked = (await Vault.CallAsync(grant)) with { Owner = owner, Method = context.Request.Method, Target = url, ProviderId = "erp", GrantIdText = null };
            var refusal = await new RecordedCall(Vault.Calls, forwarder, Vault.Record, Time).RunAsync(
                context, request, asked, _ => 403, context.RequestAborted);
            if (refusal is not null)
            {
                context.Response.StatusCode = 503;
                await context.Response.WriteAsync(refusal.Code);
            }
        });
        return new World(api, vault, handlers, grant);
    }

    private static async Task<WebApplication> StartAsync(Action<IServiceCollection> services, RequestDelegate run)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        services(builder.Services);
        var web = builder.Build();
        web.Run(run);
        await web.StartAsync();
        return web;
    }

    // Its sender leaves while it is read.
    private sealed class LeavingBody(CancellationTokenSource leaving) : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await leaving.CancelAsync();
            throw new OperationCanceledException(leaving.Token);
        }
    }

    private sealed class World(WebApplication api, WebApplication vault, EgressHandlers handlers, Grant grant) : IAsyncDisposable
    {
        private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }, disposeHandler: true);

        public Grant Grant => grant;

        public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string? body = null)
        {
            using var request = new HttpRequestMessage(method, vault.Urls.First());
            request.Content = body is null ? null : new StringContent(body, Encoding.ASCII);
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await vault.DisposeAsync();
            await api.DisposeAsync();
            handlers.Dispose();
        }
    }
}
