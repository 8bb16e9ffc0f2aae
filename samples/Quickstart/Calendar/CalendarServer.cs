using System.Text.Json;
using System.Text.Json.Serialization;
using Quickstart.Calendar.Api;
using Quickstart.Calendar.Demo;
using Quickstart.Calendar.OAuth;

namespace Quickstart.Calendar;

/// <summary>A calendar with an API and its own OAuth server: what Google is to a real product.</summary>
public static class CalendarServer
{
    /// <summary>The server, not yet started.</summary>
    /// <param name="args">The command line; <c>--PORT 7074</c> and the like.</param>
    /// <param name="options">Null: from environment and command line.</param>
    public static WebApplication Build(string[] args, CalendarOptions? options = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory, WebRootPath = "sites/calendar" });
        options ??= CalendarOptions.From(builder.Configuration);
        builder.WebHost.UseUrls(options.Url.GetLeftPart(UriPartial.Authority));
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow; // A misspelt control would control nothing.
        });
        builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System).AddSingleton<EventBook>();
        builder.Services.AddOAuthServer(options);
        builder.Services.AddAuthorizationBuilder().AddCalendarPolicies();
        builder.Services.AddSingleton<DemoState>();

        var app = builder.Build();
        if (options.DemoControls)
        {
            app.UseMiddleware<TokenEndpointControls>(); // Before the OAuth server, which answers inside UseAuthentication.
        }

        app.UseStaticFiles();
        app.UseMiddleware<OneRedemptionAtATime>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapMethods("/connect/authorize", ["GET", "POST"], AuthorizeEndpoint.RunAsync);
        app.MapPost("/connect/token", (Delegate)TokenEndpoint.IssueAsync);
        app.MapMethods("/connect/userinfo", ["GET", "POST"], (Delegate)TokenEndpoint.UserInfoAsync);
        app.MapAppsPage();
        app.MapCalendarApi();
        app.MapTransportApi();
        app.MapGet("/health", () => "up");
        if (options.DemoControls)
        {
            app.MapDemoControls();
        }

        return app;
    }
}
