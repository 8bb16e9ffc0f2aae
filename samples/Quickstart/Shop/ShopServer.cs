using System.Text.Json;

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
        builder.WebHost.UseUrls(options.Url.GetLeftPart(UriPartial.Authority));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.AddSingleton(options);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.Services.AddSignIn(options);
        builder.Services.AddHttpClient<Vault>(client =>
        {
            client.BaseAddress = options.VaultUrl;
            client.Timeout = TimeSpan.FromMinutes(2); // The vault gives a provider 100 s and then says provider_timeout itself.
            client.MaxResponseContentBufferSize = 1 << 20; // The events of one calendar, generously.
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // A followed redirect would carry the user's token to wherever it points.
            UseCookies = false,
        });

        var app = builder.Build();
        app.UseMiddleware<PageHeaders>();
        app.UseMiddleware<SameOriginWrites>();
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.UseAuthentication();
        app.MapSignIn();
        app.MapShopApi();
        app.MapGet("/connected", (IWebHostEnvironment files) => Results.File(files.WebRootFileProvider.GetFileInfo("index.html").PhysicalPath!, "text/html; charset=utf-8"));
        app.MapGet("/health", () => "up");
        return app;
    }
}
