using Microsoft.Playwright;

namespace Alter.Browser.Tests;

/// <summary>Waits inside a page. Playwright's own WaitForFunction evaluates text there, which the vault's content security policy forbids.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal static Task UntilAsync(IPage page, string condition) =>
        page.EvaluateAsync($"() => new Promise(done => {{ const look = () => {condition} ? done() : setTimeout(look, 20); look(); }})").WaitAsync(Patience, TimeProvider.System);
}
