using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace Alter.Browser.Tests.Widget;

/// <summary>A page of an app that embeds the widget under a strict Content-Security-Policy and writes down what it hears.</summary>
public sealed class WidgetPage(IPage page)
{
    /// <summary>The app's own script. <c>seen</c> holds results in order, <c>events</c> the events; <c>hear</c> are the callbacks of <c>open</c>.</summary>
    internal const string Script = """
        window.seen = [];
        window.events = [];
        window.hear = {
          onSuccess: grants => seen.push(`success ${grants.map(grant => grant.grant_id).join()} ${grants.provider} ${grants.accountIdentifier}`),
          onError: error => seen.push(`error ${error.code}: ${error.message}`),
          onExit: () => seen.push('exit'),
          onEvent: name => events.push(name),
        };
        window.problem = body => new Response(JSON.stringify(body), { status: 409, headers: { 'Content-Type': 'application/problem+json' } });
        window.widget = AlterConnect.create();
        """;

    public IPage Page => page;

    /// <summary>The widget's dialog.</summary>
    public ILocator Dialog => page.GetByRole(AriaRole.Dialog);

    public static IResult Html(string head) =>
        Results.Content($"<!doctype html><html lang=\"en\"><head>{head}<link rel=\"icon\" href=\"data:,\"></head><body></body></html>", "text/html; charset=utf-8");

    /// <summary>Waits until a window is at an address. Not until it loaded: of a window that opened a moment ago Playwright sometimes misses that.</summary>
    public static Task ReachesAsync(IPage window, string url)
    {
        ArgumentNullException.ThrowIfNull(window);
        return Testing.Eventually.TrueAsync(() => url.EndsWith("**", StringComparison.Ordinal) ? window.Url.StartsWith(url[..^2], StringComparison.Ordinal) : window.Url == url, $"the window is at {url}"); // Not WaitForURLAsync: a new window's first navigation can escape it.
    }

    internal static IResult Of(HttpContext context, Uri vault)
    {
        var origin = Addresses.Origin(vault);
        context.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; img-src data:; style-src 'self'; script-src 'self' {origin}; connect-src 'self' {origin}";
        return Results.Content(
            $"""<!doctype html><html lang="en"><head><title>App</title><link rel="icon" href="data:,"></head><body><button id="go">Connect</button><script src="{origin}/sdk/connect.js"></script><script src="/app.js"></script></body></html>""",
            "text/html; charset=utf-8");
    }

    /// <summary>Runs statements. Playwright would call a function that is the value of the last one.</summary>
    public Task RunAsync(string script) => page.EvaluateAsync($"() => {{ {script} }}");

    /// <summary>Clicks a button that runs a script.</summary>
    public async Task ClickAsync(string script)
    {
        await RunAsync($"document.getElementById('go').onclick = () => {{ {script} }};");
        await page.Locator("#go").ClickAsync();
    }

    /// <summary>Clicks a button that calls <c>open</c>, and waits for the window.</summary>
    /// <param name="options">Members beside the callbacks.</param>
    public Task<IPage> OpenAsync(string options) => page.RunAndWaitForPopupAsync(() => ClickAsync($"widget.open({{ ...hear, {options} }})"));

    /// <summary>What the callbacks heard, once that is something.</summary>
    public async Task<string[]> SeenAsync()
    {
        await Waiting.UntilAsync(page, "seen.length > 0");
        return await page.EvaluateAsync<string[]>("seen");
    }

    public Task<bool> IsOpenAsync() => page.EvaluateAsync<bool>("widget.isOpen()");
}
