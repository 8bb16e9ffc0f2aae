using Microsoft.Playwright;

namespace Alter.Browser.Tests;

/// <summary>The browser of the tests: Debian's, or the one that <c>CHROMIUM_PATH</c> names.</summary>
internal static class Chromium
{
    // The first without a window of its own to draw, which costs a third of the time.
    private static readonly string[] Places = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

    private static readonly string[] Quiet =
    [
        "--no-sandbox", // Test machines often run as root, where Chromium's sandbox refuses to.
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--disable-sync",
        "--disable-quic",
    ];

    internal static async Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        var path = Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } chosen ? chosen : Places.FirstOrDefault(File.Exists);
        return File.Exists(path)
            ? await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Quiet, Headless = true, Timeout = 120_000 })
            : throw new FileNotFoundException($"These tests need Chromium, and there is none at {path ?? string.Join(" or ", Places)}. Install it (apt-get install chromium-headless-shell) or say in CHROMIUM_PATH where it is.");
    }
}
