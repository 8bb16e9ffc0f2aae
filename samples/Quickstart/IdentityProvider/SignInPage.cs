using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Antiforgery;

namespace Quickstart.IdentityProvider;

/// <summary>The page where a person says who they are: one button each, no passwords.</summary>
internal static class SignInPage
{
    /// <summary>The form posts the authorization request again, with the person chosen.</summary>
    public static IResult Show(HttpContext context, IEnumerable<KeyValuePair<string, string>> request, AntiforgeryTokenSet forgery)
    {
        var encode = HtmlEncoder.Default;
        var hidden = new StringBuilder();
        foreach (var (name, value) in request.Append(new(forgery.FormFieldName, forgery.RequestToken!)))
        {
            hidden.Append(null, $"""<input type="hidden" name="{encode.Encode(name)}" value="{encode.Encode(value)}">""");
        }

        var buttons = string.Concat(DemoUser.All.Select(user => $"""
            <button name="user" value="{user.Id}" data-testid="sign-in-{user.Id}">
              <strong>Sign in as {encode.Encode(user.Name)}</strong><span>{encode.Encode(user.Email)}</span>
            </button>
            """));

        // RFC 6819 §4.4.1.9: a page that signs people in is never shown inside another.
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        context.Response.Headers.CacheControl = "no-store";
        return Results.Content($"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
              <title>Sign in · Acme ID</title><link rel="stylesheet" href="/style.css"></head>
            <body><main>
              <p class="brand">Acme ID</p>
              <h1>Who are you?</h1>
              <p>This is the quickstart's identity provider. Nobody here has a password.</p>
              <form method="post" action="/connect/authorize">{hidden}{buttons}</form>
            </main></body>
            </html>
            """, "text/html; charset=utf-8");
    }
}
