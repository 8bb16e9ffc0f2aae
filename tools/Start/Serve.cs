namespace Alter.Start;

/// <summary><c>./start</c>: runs the product until Ctrl-C.</summary>
internal sealed class Serve(Checkout checkout, Terminal terminal, TimeProvider time)
{
    private volatile bool stopping;

    /// <param name="fresh">Forget everything first.</param>
    /// <param name="workers">Worker processes of the vault.</param>
    public async Task RunAsync(bool fresh, int workers, CancellationToken cancellationToken)
    {
        await LocalPorts.DemandFreeAsync(QuickstartPorts.Fixed.All, cancellationToken);
        await Preparation.RunAsync(checkout, terminal, cancellationToken);
        if (fresh)
        {
            new StateFolder(checkout.State).Wipe();
        }

        var plan = new ProductPlan(checkout, StateFolder.Open(checkout.State), QuickstartPorts.Fixed) { Workers = workers };
        var document = await QuickstartDocument.MakeAsync(plan, cancellationToken);
        plan.State.WriteDocument(document, checkout.Quickstart);

        using var stop = cancellationToken.Register(() => stopping = true);
        await using var product = await Product.StartAsync(plan, terminal, Show, time, cancellationToken);
        Announce(plan.Ports, document);
        try
        {
            await product.WatchAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Say("Stopping …");
        }
    }

    // The emulator tells of every port it opens and closes, which nobody needs to know. Nor does what a server says of being stopped help anybody.
    private void Show(string child, int colour, string line)
    {
        if (!stopping && !line.StartsWith("Azurite ", StringComparison.Ordinal))
        {
            terminal.SayOf(child, colour, line);
        }
    }

    private void Announce(QuickstartPorts ports, string document)
    {
        var vault = ports.VaultUrl.GetLeftPart(UriPartial.Authority);
        terminal.Say();
        terminal.Say($"  Open  {ports.ShopUrl.GetLeftPart(UriPartial.Authority)}");
        terminal.Say();
        terminal.Say("  Redirect URIs, as providers want them registered:");
        foreach (var (app, provider) in QuickstartDocument.Clients(document))
        {
            terminal.Say($"    {provider,-10} {vault}/oauth/callback/{app}/{provider}");
        }

        terminal.Say();
        terminal.Say("  With curl, as Ada:");
        terminal.Say("    export ALTER_API_KEY=$(cat .alter/app-key)");
        terminal.Say($"    export JWT=$(curl -s {ports.IdentityProviderUrl}demo/token -H 'Content-Type: application/json' -d '{{\"user\":\"ada\"}}')");
        terminal.Say();
        terminal.Say("  Ctrl-C stops everything. What was connected stays in .alter/; ./start --fresh forgets it.");
        terminal.Say();
    }
}
