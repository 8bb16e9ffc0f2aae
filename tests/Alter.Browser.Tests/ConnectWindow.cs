using Microsoft.Playwright;

namespace Alter.Browser.Tests;

/// <summary>A window on its way from the Connect page to the provider and back, and what a person does in it.</summary>
public sealed class ConnectWindow
{
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IPage page;

    public ConnectWindow(IPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        this.page = page;
        page.Close += (_, _) => gone.TrySetResult();
    }

    public IPage Page => page;

    public ILocator Title => page.Locator("#title");

    public ILocator Message => page.Locator("#message");

    public ILocator Done => page.Locator("#done");

    public ILocator Cancel => page.Locator("#cancel");

    public ILocator Provider(string id = "calendar") => page.Locator($"button[data-provider={id}]");

    /// <summary>Waits until the window is ready for a click.</summary>
    public async Task<ConnectWindow> SettleAsync()
    {
        await Waiting.UntilAsync(page, "performance.now() - stirredAt > 520");
        return this;
    }

    /// <summary>A click as people do it: they see the button first.</summary>
    public async Task ClickAsync(ILocator button)
    {
        ArgumentNullException.ThrowIfNull(button);
        await button.WaitForAsync();
        await SettleAsync();
        await button.ClickAsync();
    }

    /// <summary>From the Connect page to the provider's question.</summary>
    public async Task<ConnectWindow> ContinueToAsync(string account, string provider = "calendar")
    {
        await ClickAsync(Provider(provider));
        await page.GetByTestId($"account-{account}").ClickAsync();
        await page.GetByTestId("allow").WaitForAsync();
        return this;
    }

    /// <summary>All the way: the person agrees to everything.</summary>
    public async Task AllowAsync(string account, string provider = "calendar")
    {
        await ContinueToAsync(account, provider);
        await page.GetByTestId("allow").ClickAsync();
    }

    /// <summary>All the way, but the person says no at the provider; back on the Connect page.</summary>
    public async Task DenyAsync(string account)
    {
        await ContinueToAsync(account);
        await page.GetByTestId("deny").ClickAsync();
        await Cancel.WaitForAsync();
    }

    /// <summary>Waits until the window is gone.</summary>
    public Task GoneAsync() => page.IsClosed ? Task.CompletedTask : gone.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
}
