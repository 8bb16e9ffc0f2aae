using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Alter.Browser.Tests;

/// <summary>Somebody else's site: an empty page. Under <c>/quiet</c> it hides where its links come from.</summary>
internal static class ForeignSite
{
    internal static WebApplication Build(Uri url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url.GetLeftPart(UriPartial.Authority));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/", (HttpContext _) => Page());
        app.MapGet("/quiet", (HttpContext context) =>
        {
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            return Page();
        });
        return app;
    }

    private static IResult Page() => Results.Content("""<!doctype html><html lang="en"><title>Elsewhere</title><link rel="icon" href="data:,"></html>""", "text/html; charset=utf-8");
}
