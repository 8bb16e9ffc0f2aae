using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Alter.Browser.Tests.States;

/// <summary>axe-core's rules over every state: in the light, in the dark, and at 320 pixels, which is also what 400 % zoom leaves of a screen.</summary>
public sealed class AccessibilityTests(Product product)
{
    // By itself and not through Deque.AxeCore.Playwright, whose second page for each run takes seven times as long.
    private const string Run = "async () => (await axe.run()).violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html}: ${node.failureSummary}`))";

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    public static TheoryData<string> States => [.. ConnectStates.Names];

    [Theory]
    [MemberData(nameof(States))]
    public async Task No_state_breaks_a_rule(string state)
    {
        await using var bob = await product.SomebodyAsync();

        await AssertNoViolationAsync(bob, (await ConnectStates.ReachAsync(product, bob, state)).Page);
    }

    internal static async Task AssertNoViolationAsync(Person bob, IPage page)
    {
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
        await page.EvaluateAsync(Axe);
        await LookAsync("light");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await LookAsync("dark");
        await page.SetViewportSizeAsync(320, 256);
        await LookAsync("phone");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty(bob.Complaints);
        Assert.Empty(bob.RequestsElsewhere);

        async Task LookAsync(string look)
        {
            var broken = await page.EvaluateAsync<string[]>(Run);
            Assert.Empty(broken.Select(rule => $"{look}: {rule}"));
        }
    }
}
