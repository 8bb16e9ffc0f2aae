using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace Alter.Browser.Tests;

/// <summary>Somebody with a browser of their own: its cookies, its windows, and what it was seen to do.</summary>
public sealed class Person : IAsyncDisposable
{
    // The vault's page ignores clicks for 500 ms after it stirred; a person waits that long without knowing.
    private const string Watch = """
        (() => {
          const stir = () => { window.stirredAt = performance.now(); };
          stir();
          addEventListener('focus', stir);
          document.addEventListener('visibilitychange', stir);
          new MutationObserver(stir).observe(document, { subtree: true, childList: true });
          window.heard = [];
          addEventListener('message', event => window.heard.push({ origin: event.origin, data: event.data }));
        })();
        """;

    private readonly Addresses at;

    private Person(IBrowserContext context, IPage page, Addresses at) => (Context, Page, this.at) = (context, page, at);

    public IBrowserContext Context { get; }

    /// <summary>The window that was there first.</summary>
    public IPage Page { get; }

    /// <summary>Every request of every window, as <c>METHOD url</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>What the browser complained about: broken content security policies and scripts that threw.</summary>
    public ConcurrentQueue<string> Complaints { get; } = [];

    /// <summary>Requests to anybody who is no part of the product.</summary>
    public IEnumerable<string> RequestsElsewhere => Requests.Where(request => !at.Origins.Contains(Addresses.Origin(new Uri(request[(request.IndexOf(' ', StringComparison.Ordinal) + 1)..]))));

    internal static async Task<Person> MeetAsync(IBrowserContext context, Addresses at)
    {
        context.SetDefaultTimeout(30_000);
        await context.AddInitScriptAsync(Watch);
        var person = new Person(context, await context.NewPageAsync(), at);
        context.Request += (_, request) => person.Requests.Enqueue($"{request.Method} {request.Url}");
        context.WebError += (_, error) => person.Complaints.Enqueue(error.Error);
        context.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase))
            {
                person.Complaints.Enqueue(message.Text);
            }
        };
        return person;
    }

    /// <summary>How often a path of the vault was posted to.</summary>
    public int CountOf(string path) => Requests.Count(request => request == $"POST {new Uri(at.Vault, path).AbsoluteUri}");

    /// <summary>Opens the shop as a guest.</summary>
    public async Task<Person> VisitShopAsync()
    {
        await Page.GotoAsync(at.Shop.AbsoluteUri);
        return this;
    }

    /// <summary>Signs in at the shop.</summary>
    public async Task<Person> SignInAsync(string user)
    {
        await VisitShopAsync();
        await Page.GetByTestId("sign-in").ClickAsync();
        await Page.GetByTestId($"sign-in-{user}").ClickAsync();
        await Page.GetByTestId("signed-in").WaitForAsync();
        return this;
    }

    /// <summary>Opens Connect in the first window.</summary>
    public async Task<ConnectWindow> OpenAsync(string url)
    {
        await Page.GotoAsync(url);
        return new ConnectWindow(Page);
    }

    /// <summary>Has the page in the first window open Connect in a window of its own, as the widget does.</summary>
    public Task<ConnectWindow> OpenPopupAsync(string url) =>
        PopupAsync(() => Page.EvaluateAsync("url => { window.opened = window.open(url, 'alter_oauth_popup', 'popup,width=500,height=700'); }", url));

    /// <summary>The window that an action opens.</summary>
    public async Task<ConnectWindow> PopupAsync(Func<Task> action) => new(await Page.RunAndWaitForPopupAsync(action));

    /// <summary>What was posted to the first window, once there is something.</summary>
    public async Task<IReadOnlyList<JsonElement>> HearAsync()
    {
        await Waiting.UntilAsync(Page, "heard.length > 0");
        return [.. (await Page.EvaluateAsync<JsonElement>("heard")).EnumerateArray()];
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Context.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // Seen now and then where a window is still being led somewhere. The browser's end takes the context along.
        }
    }
}
