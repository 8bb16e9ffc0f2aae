using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Alter.Browser.Tests.States;

/// <summary>axe-core's rules over every state: in the light, in the dark, and at 320 pixels, which is also what 400 % zoom leaves of a screen.</summary>
public sealed class AccessibilityTests(Product product)
{
    public static TheoryData<string> States => [.. ConnectStates.Names];

    [Theory]
    [MemberData(nameof(States))]
    public async Task No_state_breaks_a_rule(string state)
    {
        await using var bob = await product.SomebodyAsync();
        var page = (await ConnectStates.ReachAsync(product, bob, state)).Page;
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });

        await AssertNoViolationAsync("light");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await AssertNoViolationAsync("dark");
        await page.SetViewportSizeAsync(320, 256);
        await AssertNoViolationAsync("phone");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty(bob.Complaints);
        Assert.Empty(bob.RequestsElsewhere);

        async Task AssertNoViolationAsync(string look)
        {
            var result = await page.RunAxe();
            Assert.Empty(result.Violations.SelectMany(violation => violation.Nodes, (violation, node) => $"{look}: {violation.Id}: {node.Html}: {string.Join("; ", node.Any.Select(check => check.Message))}"));
        }
    }
}
