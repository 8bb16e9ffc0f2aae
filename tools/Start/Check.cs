using System.Diagnostics;
using Quickstart.Story;

namespace Alter.Start;

/// <summary><c>./start --check</c>: plays the story against a product of its own, on free ports, whose state is gone afterwards.</summary>
internal sealed class Check(Checkout checkout, Terminal terminal, TimeProvider time)
{
    // Long enough for a slow machine between two steps, short enough to wait for.
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromSeconds(6);

    /// <returns>Whether all of it held.</returns>
    public async Task<bool> RunAsync(int workers, CancellationToken cancellationToken)
    {
        await Preparation.RunAsync(checkout, terminal, cancellationToken);
        var clock = Stopwatch.StartNew();
        var state = new StateFolder(Directory.CreateTempSubdirectory("alter-check-").FullName); // Its mode is 0700.
        try
        {
            var plan = new ProductPlan(checkout, state, QuickstartPorts.Free()) { Workers = workers, ShortLivedTokens = TokenLifetime };
            state.WriteDocument(await QuickstartDocument.MakeAsync(plan, cancellationToken), checkout.Quickstart);
            await using var product = await Product.StartAsync(plan, terminal, static (_, _, _) => { }, time, cancellationToken);
            var held = await PlayAsync(plan, cancellationToken);
            if (held < Story.Length)
            {
                ShowLogs(product);
            }

            terminal.Say(held == Story.Length
                ? $"All {Story.Length} steps held, in {Terminal.Seconds(clock.Elapsed)}."
                : $"{held} of {Story.Length} steps held, in {Terminal.Seconds(clock.Elapsed)}; the story ended there.");
            return held == Story.Length;
        }
        finally
        {
            state.Wipe();
        }
    }

    private async Task<int> PlayAsync(ProductPlan plan, CancellationToken cancellationToken)
    {
        var place = new StoryPlace
        {
            Vault = plan.Ports.VaultUrl,
            Shop = plan.Ports.ShopUrl,
            IdentityProvider = plan.Ports.IdentityProviderUrl,
            Calendar = plan.Ports.CalendarUrl,
            AppKey = plan.AppKey,
            AccessTokenLifetime = TokenLifetime,
        };
        var held = 0;
        await foreach (var step in new Story(place, time).PlayAsync(cancellationToken))
        {
            held += step.Held ? 1 : 0;
            terminal.Say($"{terminal.Mark(step.Held)} {step.Title} … {Terminal.Seconds(step.Elapsed)}");
            if (step.Fault is { } fault)
            {
                terminal.Say($"    {fault}");
            }
        }

        return held;
    }

    private void ShowLogs(Product product)
    {
        terminal.Say("The last lines of every server:");
        foreach (var child in product.Children)
        {
            foreach (var line in child.Latest)
            {
                terminal.SayOf(child.Name, 33, line);
            }
        }
    }
}
