using System.Text.Encodings.Web;

namespace Quickstart.Calendar.OAuth;

/// <summary>What the calendar's pages have in common.</summary>
internal static class CalendarPage
{
    public static IResult Show(HttpContext context, string title, string body)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        context.Response.Headers.CacheControl = "no-store";
        return Results.Content($"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
              <title>{title} · Acme Calendar</title><link rel="stylesheet" href="/style.css"></head>
            <body><main>
              <p class="brand">Acme Calendar</p>
              <h1>{title}</h1>
              {body}
            </main></body>
            </html>
            """, "text/html; charset=utf-8");
    }

    public static string Hidden(string name, string value) => $"""<input type="hidden" name="{Encode(name)}" value="{Encode(value)}">""";

    public static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
