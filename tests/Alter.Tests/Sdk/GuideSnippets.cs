using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alter.Sdk;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Shop;

/// <summary>What docs/guide.md and docs/offline-jobs.md show, compiled; <see cref="Alter.Tests.Sdk.DocsTests"/> holds them together.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1848", Justification = "An example is read; a source-generated log would hide what it shows.")]
internal static class GuideSnippets
{
    internal interface IJobs
    {
        Task AddAsync(Guid grantId, CancellationToken cancellationToken);

        Task EndAsync(Guid grantId, string why, CancellationToken cancellationToken);

        Task PostponeAsync(Guid grantId, string why, string? requestId, CancellationToken cancellationToken);
    }

    internal sealed class CalendarClient(HttpClient client)
    {
        public async Task<JsonNode?> EventsAsync(GrantSelector grant)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "calendars/primary/events");
            request.Options.Set(GrantSelector.Key, grant);
            using var response = await client.SendAsync(request);
            return await response.Content.ReadFromJsonAsync<JsonNode>();
        }
    }

    internal static void Once(WebApplicationBuilder builder)
    {
        builder.Services.AddAlter(builder.Configuration.GetSection("Alter")).WithUserTokenFromRequest();
        builder.Services.AddAlterProblems();
        builder.Services.AddHttpClient<CalendarClient>(client => client.BaseAddress = new Uri("https://www.googleapis.com/calendar/v3/"))
            .UseAlter("google");
    }

    internal static void Endpoints(WebApplication app)
    {
        app.MapPost("/api/connect-session", async (AlterApp alter, string? mode) =>
        {
            var session = await alter.CreateConnectSessionAsync(new ConnectSessionRequest
            {
                AllowedProviders = ["google"],
                AllowedOrigin = "https://app.example.com",
                ReturnUrl = mode is "redirect" ? "https://app.example.com/connected" : null,
            });
            return new { session_token = session.SessionToken };
        }).RequireAuthorization();

        app.MapGet("/api/calendar/events", async (AlterApp alter) =>
        {
            using var response = await alter.RequestAsync(
                HttpMethod.Get,
                "https://www.googleapis.com/calendar/v3/calendars/primary/events",
                "google");
            return await response.Content.ReadFromJsonAsync<JsonNode>();
        }).RequireAuthorization();

        app.MapGet("/api/events", (string? account, CalendarClient calendar) => calendar.EventsAsync(GrantSelector.Provider("google", account)));

        app.MapGet("/api/connections", async (AlterApp alter) =>
        {
            var page = await alter.ListGrantsPageAsync();
            return page.Grants.Select(g => new { provider = g.ProviderId, account = g.AccountIdentifier, grant_id = g.GrantId });
        }).RequireAuthorization();

        app.MapPost("/api/calendar-connected", async (AlterApp alter, IJobs jobs, CancellationToken cancellationToken) =>
        {
            await foreach (var grant in alter.ListGrantsAsync(new GrantFilter { ProviderId = "google" }, cancellationToken))
            {
                await jobs.AddAsync(grant.GrantId, cancellationToken);
            }
        });

        app.MapPost("/api/connect-complete", async (CompletionOrder order, AlterApp alter, CancellationToken cancellationToken) =>
            (await alter.CompleteConnectAsync(order.Code, cancellationToken: cancellationToken)).Select(grant => grant.AccountIdentifier));
    }

    internal sealed record CompletionOrder(string Code);

    internal static async Task<HttpResponseMessage> PickAsync(AlterApp alter, string url, Func<IReadOnlyList<string>, Task<string>> promptUserToPick)
    {
        HttpResponseMessage response;
        try
        {
            response = await alter.RequestAsync(HttpMethod.Get, url, "google");
        }
        catch (AmbiguousGrantException e)
        {
            var chosen = await promptUserToPick(e.AccountIdentifiers);
            response = await alter.RequestAsync(HttpMethod.Get, url, GrantSelector.Provider("google", account: chosen));
        }

        return response;
    }

    internal static async Task RevokeAsync(AlterApp alter, Guid grantId)
    {
        await alter.RevokeGrantAsync(grantId);
    }

    internal static async Task<object> RepairAsync(AlterApp alter, string url)
    {
        try
        {
            return await alter.RequestAsync(HttpMethod.Get, url, "google");
        }
        catch (AlterException e) when (e.Action is AlterAction.Connect)
        {
            return await alter.CreateConnectSessionAsync(ConnectSessionRequest.For(e));
        }
    }

    internal static async Task NightlyAsync(AlterApp alter, IJobs jobs, string url, Guid grantId, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            var options = new CallOptions { Reason = "nightly sync", Caller = "sync-job" };
            using var response = await alter.SendAsync(request, GrantSelector.ById(grantId), options, cancellationToken);
        }
        catch (AlterException e) when (e.Action is AlterAction.Connect)
        {
            await jobs.EndAsync(grantId, e.Code, cancellationToken);
        }
        catch (AlterException e) when (e.IsTransient)
        {
            await jobs.PostponeAsync(grantId, e.Code, e.RequestId, cancellationToken);
        }
    }
}
