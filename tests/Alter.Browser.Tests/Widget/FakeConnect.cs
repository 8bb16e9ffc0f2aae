using System.Collections.Concurrent;
using System.Text.Json;
using Alter.Browser.Tests.Widget;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(FakeConnect))]

namespace Alter.Browser.Tests.Widget;

/// <summary>An app's page with the widget, and a Connect page that does nothing by itself: the tests post for it what they want to be posted.</summary>
public sealed class FakeConnect : IAsyncLifetime
{
    private const string Ambiguous = """{"code":"ambiguous_grant","action":"choose_account","account_identifiers":["ada@x.example","ada@y.example"]}""";

    private readonly ConcurrentDictionary<string, string> statuses = [];
    private WebApplication? app;
    private WebApplication? vault;

    /// <summary>The app's origin.</summary>
    public Uri App { get; private set; } = null!;

    /// <summary>The vault's origin.</summary>
    public Uri Vault { get; private set; } = null!;

    /// <summary>Every question about a session's status: the content type, and the body.</summary>
    public ConcurrentQueue<(string? ContentType, string Body)> Asked { get; } = [];

    /// <summary>What the vault will say of a session from now on; before, it knows none.</summary>
    public void Answer(string token, object status) => statuses[token] = JsonSerializer.Serialize(status);

    /// <summary>The page of the app in a person's first window.</summary>
    /// <param name="person">Whose window.</param>
    /// <param name="path">With its query.</param>
    /// <param name="ahead">A script that runs before those of the page.</param>
    public async Task<WidgetPage> VisitAsync(Person person, string path = "/", string? ahead = null)
    {
        ArgumentNullException.ThrowIfNull(person);
        if (!string.IsNullOrEmpty(ahead))
        {
            await person.Page.AddInitScriptAsync(ahead);
        }

        await person.Page.GotoAsync(new Uri(App, path).AbsoluteUri);
        return new WidgetPage(person.Page);
    }

    public async ValueTask InitializeAsync()
    {
        (app, vault) = (Build(), Build());
        vault.MapGet("/sdk/connect.js", () => Results.Text(WidgetSource.AsClassicScript(), "text/javascript"));
        vault.MapGet("/sdk/oauth/connect", () => WidgetPage.Html("<title>Connect</title>"));
        vault.MapGet("/nowhere/sdk/oauth/connect", () => Results.NoContent()); // The browser stays where it is.
        vault.MapGet("/severing", (HttpContext context) =>
        {
            context.Response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
            return WidgetPage.Html("<title>A provider that cuts its opener off</title>");
        });
        vault.MapPost("/sdk/oauth/connect/status", async (HttpContext context) =>
        {
            using var body = new StreamReader(context.Request.Body);
            var token = await body.ReadToEndAsync();
            Asked.Enqueue((context.Request.ContentType, token));
            context.Response.Headers.AccessControlAllowOrigin = Addresses.Origin(App);
            return Results.Text(statuses.GetValueOrDefault(token, """{"status":"open","grants":[]}"""), "application/json");
        });
        await vault.StartAsync();
        Vault = AddressOf(vault);

        app.MapGet("/app.js", () => Results.Text(WidgetPage.Script, "text/javascript"));
        app.MapGet("/api/events", (string? account) => account is null
            ? Results.Text(Ambiguous, "application/problem+json", statusCode: 409)
            : Results.Text($"events of {account}"));
        app.MapGet("/{path?}", (HttpContext context) => WidgetPage.Of(context, Vault));
        await app.StartAsync();
        App = AddressOf(app);
    }

    public async ValueTask DisposeAsync()
    {
        await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (vault?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static Uri AddressOf(WebApplication server) => new UriBuilder(server.Urls.Single()) { Host = "localhost" }.Uri;

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        return builder.Build();
    }
}
