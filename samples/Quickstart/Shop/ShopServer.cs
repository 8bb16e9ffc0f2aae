using Alter.Sdk;
using Quickstart.Shop.Troubles;

namespace Quickstart.Shop;

/// <summary>A small product: people sign in, connect their calendar, and see their events. It holds no token of the calendar.</summary>
public static class ShopServer
{
    /// <summary>The server, not yet started.</summary>
    /// <param name="args">The command line; <c>--PORT 7072</c> and the like.</param>
    /// <param name="options">Null: from environment and command line.</param>
    public static WebApplication Build(string[] args, ShopOptions? options = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory, WebRootPath = "sites/shop" });
        options ??= ShopOptions.From(builder.Configuration);
        builder.WebHost.UseUrls(options.Origin);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.AddSingleton(options).AddSingleton<ShopPage>();
        builder.Services.ConfigureHttpJsonOptions(json => ShopJson.Configure(json.SerializerOptions));
        builder.Services.AddSignIn(options);

        // The vault, and with it every provider: on behalf of whoever is signed in to the current request.
        builder.Services.AddAlter(alter => (alter.BaseUrl, alter.ApiKey) = (options.VaultUrl, options.ApiKey)).WithUserTokenFromRequest();
        builder.Services.AddAlterProblems();
        builder.Services.AddHttpClient<CalendarClient>(client => client.BaseAddress = options.CalendarUrl).UseAlter("calendar");

        var app = builder.Build();
        app.UseMiddleware<PageHeaders>();
        app.UseExceptionHandler();
        app.UseMiddleware<SameOriginWrites>();
        app.UseStaticFiles();
        app.UseAuthentication();
        app.MapSignIn();
        app.MapShopApi();
        app.MapTroubles();
        app.MapGet("/", (ShopPage page) => page.Show());
        app.MapGet("/connected", (ShopPage page) => page.Show());
        app.MapGet("/health", () => "up");
        return app;
    }
}
