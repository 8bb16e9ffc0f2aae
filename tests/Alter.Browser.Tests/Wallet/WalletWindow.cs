using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests.Wallet;

/// <summary>The Wallet in somebody's window, and what they do in it.</summary>
internal sealed class WalletWindow(Person person, Product product)
{
    private readonly ConnectWindow window = new(person.Page);

    public IPage Page => person.Page;

    public ILocator Title => Page.Locator("#title");

    public ILocator Message => Page.Locator("#message");

    public ILocator Notice => Page.Locator("#notice");

    public ILocator Connections => Page.Locator(".connection");

    public ILocator Entries => Page.Locator(".entry");

    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    public ILocator Place => Page.Locator("button[data-place]");

    /// <summary>A button of the only connection, or of the one with this text.</summary>
    public ILocator Action(string id, string? of = null) => (of is null ? Connections : Connections.Filter(new() { HasText = of })).Locator($"button[data-action={id}]");

    public async Task<WalletWindow> OpenAsync(string fragment = "")
    {
        await Page.GotoAsync(new Uri(product.At.Vault, $"/wallet{fragment}").AbsoluteUri);
        return this;
    }

    /// <summary>Opens it and signs in at the shop's OpenID provider.</summary>
    public async Task<WalletWindow> SignInAsync(string user)
    {
        await OpenAsync();
        await ClickAsync(Place);
        await Page.GetByTestId($"sign-in-{user}").ClickAsync();
        await Expect(Page.Locator("#user-name")).ToBeVisibleAsync();
        return this;
    }

    /// <summary>A click as people do it: they see the button first.</summary>
    public Task ClickAsync(ILocator button) => window.ClickAsync(button);

    /// <summary>Connects an account of the calendar for somebody, in this window.</summary>
    public static async Task ConnectAsync(Product product, Person person, string user, string account, object? policy = null)
    {
        var connect = await person.OpenAsync((await product.Backend.MintAsync(user, policy: policy)).Url);
        await connect.AllowAsync(account);
        await Expect(connect.Title).ToHaveTextAsync("Connected");
    }
}
