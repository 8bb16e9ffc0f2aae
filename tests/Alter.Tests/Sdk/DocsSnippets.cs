using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alter.Sdk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Octokit;
using Octokit.Internal;

namespace Shop; // An app's own code lies outside of the namespace Alter, and so do its examples.

/// <summary>What docs/sdk.md and the package's README show, compiled; <see cref="Alter.Tests.Sdk.DocsTests"/> holds them together.</summary>
internal static class DocsSnippets
{
    private const string EventsUrl = "https://www.googleapis.com/calendar/v3/calendars/primary/events";

    internal static void Quickstart(WebApplicationBuilder builder)
    {
        builder.Services.AddAlter(builder.Configuration.GetSection("Alter")).WithUserTokenFromRequest();
        builder.Services.AddAlterProblems();
        builder.Services.AddHttpClient<CalendarClient>(client => client.BaseAddress = new Uri("https://www.googleapis.com/calendar/v3/"))
            .UseAlter("google");
    }

    internal static void Endpoints(WebApplication app)
    {
        app.UseExceptionHandler();

        app.MapPost("/api/connect-session", async (AlterApp alter, CancellationToken cancellationToken) =>
        {
            var session = await alter.CreateConnectSessionAsync(
                new ConnectSessionRequest { AllowedProviders = ["google"], AllowedOrigin = "https://app.example.com" }, cancellationToken);
            return new { session_token = session.SessionToken };
        }).RequireAuthorization();

        app.MapGet("/api/calendar/events", (CalendarClient calendar, CancellationToken cancellationToken) => calendar.EventsAsync(cancellationToken)).RequireAuthorization();
    }

    internal static async Task<JsonNode?> CallAsync(AlterApp alter, CancellationToken cancellationToken)
    {
        using var response = await alter.RequestAsync(HttpMethod.Get, EventsUrl, "google", cancellationToken);
        return await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
    }

    internal static async Task<HttpResponseMessage> PickAsync(AlterApp alter, string url, Func<IReadOnlyList<string>, Task<string>> pickAsync, CancellationToken cancellationToken)
    {
        try
        {
            return await alter.RequestAsync(HttpMethod.Get, url, "google", cancellationToken);
        }
        catch (AmbiguousGrantException e)
        {
            var chosen = await pickAsync(e.AccountIdentifiers);
            return await alter.RequestAsync(HttpMethod.Get, url, GrantSelector.Provider("google", account: chosen), cancellationToken);
        }
    }

    internal static void Lists(WebApplication app)
    {
        app.MapGet("/api/connections", async (AlterApp alter, CancellationToken cancellationToken) =>
            (await alter.ListGrantsPageAsync(cancellationToken: cancellationToken)).Grants
                .Select(grant => new { provider = grant.ProviderId, account = grant.AccountIdentifier, grant_id = grant.GrantId }));

        app.MapDelete("/api/connections/{grantId:guid}", (Guid grantId, AlterApp alter, CancellationToken cancellationToken) =>
            alter.RevokeGrantAsync(grantId, cancellationToken: cancellationToken));
    }

    internal static async Task<object> RepairAsync(AlterApp alter, string url, CancellationToken cancellationToken)
    {
        try
        {
            return await alter.RequestAsync(HttpMethod.Get, url, "google", cancellationToken);
        }
        catch (AlterException e) when (e.Action is AlterAction.Connect)
        {
            return await alter.CreateConnectSessionAsync(ConnectSessionRequest.For(e), cancellationToken);
        }
    }

    internal static async Task<IResult> InsideAsync(Func<Task<IResult>> callAsync)
    {
        try
        {
            return await callAsync();
        }
        catch (Exception e) when (AlterException.Find(e) is { Action: AlterAction.Connect } refusal)
        {
            return Results.Json(new { connect = refusal.Provider }, statusCode: 409);
        }
    }

    internal static async Task<int> JobAsync(AlterApp alter, string url, Guid grantId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        var options = new CallOptions { Reason = "nightly sync", Caller = "sync-job" };
        using var response = await alter.SendAsync(request, GrantSelector.ById(grantId), options, cancellationToken);
        return (int)response.StatusCode;
    }

    internal static async Task<AlterApp> ConsoleAsync(string apiKey, CancellationToken cancellationToken)
    {
        var alter = new AlterApp(apiKey, new Uri("https://vault.example.com"));
        var grants = await alter.ConnectAsync(new ConnectOptions { Providers = ["google"] }, cancellationToken);
        Console.WriteLine($"Connected {grants[0].AccountIdentifier}");
        return alter;
    }

    internal static GitHubClient Octokit(AlterApp alter)
    {
        var github = new GitHubClient(new Connection(new ProductHeaderValue("shop"), new HttpClientAdapter(() => alter.CreateHandler("github"))));
        return github;
    }

    /// <summary>For libraries of Google: <c>Initializer.HttpClientFactory</c>, without a credential initializer.</summary>
    internal sealed class AlterGoogleHttpClientFactory(AlterApp alter, GrantSelector grant) : Google.Apis.Http.HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(Google.Apis.Http.CreateHttpClientArgs args) => alter.CreateHandler(grant);
    }

    internal sealed class CalendarClient(HttpClient client)
    {
        public Task<JsonNode?> EventsAsync(CancellationToken cancellationToken) =>
            client.GetFromJsonAsync<JsonNode>("calendars/primary/events", cancellationToken);
    }

    internal static async Task<int[]> FirstCallsAsync(AlterApp alter, CancellationToken cancellationToken)
    {
        using var events = await alter.RequestAsync(
            HttpMethod.Get, "https://www.googleapis.com/calendar/v3/calendars/primary/events?maxResults=5", "google", cancellationToken);
        var github = alter.CreateClient("github");
        github.DefaultRequestHeaders.UserAgent.ParseAdd("acme-shop/1.0");
        using var user = await github.GetAsync("https://api.github.com/user", cancellationToken);
        using var posted = await alter.CreateClient("slack").PostAsJsonAsync(
            "https://slack.com/api/chat.postMessage", new { channel = "C0123456789", text = "Hello" }, cancellationToken);
        using var me = await alter.RequestAsync(HttpMethod.Get, "https://graph.microsoft.com/v1.0/me", "microsoft", cancellationToken);
        return [(int)events.StatusCode, (int)user.StatusCode, (int)posted.StatusCode, (int)me.StatusCode];
    }

    internal static Microsoft.Graph.GraphServiceClient Graph(AlterApp alter)
    {
        var client = Microsoft.Graph.GraphClientFactory.Create(finalHandler: alter.CreateHandler("microsoft"));
        var graph = new Microsoft.Graph.GraphServiceClient(client, new Microsoft.Kiota.Abstractions.Authentication.AnonymousAuthenticationProvider());
        return graph;
    }
}
