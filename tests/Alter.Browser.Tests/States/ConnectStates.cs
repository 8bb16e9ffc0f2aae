using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests.States;

/// <summary>Every state the Connect page can be in, by name, and the way a person comes to it. Who comes is Bob, with nothing connected.</summary>
internal static class ConnectStates
{
    private static readonly Dictionary<string, Func<Product, Person, Task<ConnectWindow>>> Ways = new()
    {
        ["one-provider"] = (product, bob) => OpenAsync(product, bob),
        ["not-you"] = async (product, bob) =>
        {
            var connect = await OpenAsync(product, bob);
            await connect.ClickAsync(connect.Page.Locator("#not-you"));
            return connect;
        },
        ["two-providers"] = (product, bob) => OpenAsync(product, bob, "calendar", "tasks"),
        ["many-providers"] = async (product, bob) =>
        {
            await bob.ChangeViewAsync(view => view.OffersMany());
            return await OpenAsync(product, bob, "calendar", "tasks");
        },
        ["nothing-found"] = async (product, bob) =>
        {
            await bob.ChangeViewAsync(view => view.OffersMany());
            var connect = await OpenAsync(product, bob, "calendar", "tasks");
            await connect.Page.GetByLabel("Search").FillAsync("zebra");
            return connect;
        },
        ["opening"] = async (product, bob) =>
        {
            await bob.Context.RouteAsync("**/sdk/oauth/connect/authorize", _ => Task.CompletedTask); // Never answered.
            var connect = await OpenAsync(product, bob);
            await connect.ClickAsync(connect.Provider());
            await Expect(connect.Provider()).ToContainTextAsync("Opening");
            return connect;
        },
        ["denied"] = async (product, bob) =>
        {
            var connect = await OpenAsync(product, bob);
            await connect.DenyAsync("bob@calendar.example");
            return connect;
        },
        ["one-of-two"] = async (product, bob) =>
        {
            var connect = await OpenAsync(product, bob, "calendar", "tasks");
            await connect.AllowAsync("bob@calendar.example");
            await connect.Done.WaitForAsync();
            return connect;
        },
        ["connected"] = async (product, bob) =>
        {
            var connect = await OpenAsync(product, bob);
            await connect.AllowAsync("bob@calendar.example");
            await Expect(connect.Title).ToHaveTextAsync("Connected");
            return connect;
        },
        ["cancelled"] = async (product, bob) =>
        {
            var connect = await OpenAsync(product, bob);
            await connect.ClickAsync(connect.Cancel);
            await Expect(connect.Title).ToHaveTextAsync("Not connected");
            return connect;
        },
        ["misconfigured"] = async (product, bob) =>
        {
            var connect = await OpenAsync(product, bob, VaultDocument.Misconfigured);
            await connect.ClickAsync(connect.Provider(VaultDocument.Misconfigured));
            await connect.Page.Locator("#developers summary").ClickAsync();
            return connect;
        },
        ["unreachable"] = async (product, bob) =>
        {
            await bob.ChangeViewAsync(view => view.CameBackWith("provider_unreachable", "Acme Calendar answered 503."));
            return await OpenAsync(product, bob);
        },
        ["identity"] = async (product, bob) =>
        {
            await bob.ChangeViewAsync(view => view["browser_proof"] = "identity");
            return await OpenAsync(product, bob);
        },
        ["somebody-else"] = async (product, bob) =>
        {
            await bob.ChangeViewAsync(view =>
            {
                view.CameBackWith("user_mismatch", "Somebody else signed in.");
                view["sign_in_again"] = "calendar";
            });
            var connect = new ConnectWindow((await bob.OpenAsync((await product.Backend.MintAsync("bob")).Url)).Page);
            await connect.Page.Locator("#sign-in-again").WaitForAsync();
            return connect;
        },
        ["offline"] = async (product, bob) =>
        {
            await bob.Context.RouteAsync("**/sdk/oauth/connect/open", route => route.AbortAsync());
            var connect = await bob.OpenAsync((await product.Backend.MintAsync("bob")).Url);
            await Expect(connect.Title).ToHaveTextAsync("No connection");
            return connect;
        },
        ["expired"] = async (product, bob) =>
        {
            var connect = await bob.OpenAsync(new Uri(product.At.Vault, "/sdk/oauth/connect#session=sess_made-up").AbsoluteUri);
            await Expect(connect.Title).ToHaveTextAsync("This link has expired");
            return connect;
        },
        ["failed"] = (product, bob) => bob.OpenAsync(new Uri(product.At.Vault, "/oauth/callback/shop/calendar").AbsoluteUri),
    };

    internal static IReadOnlyCollection<string> Names => Ways.Keys;

    /// <summary>Brings a person there.</summary>
    internal static async Task<ConnectWindow> ReachAsync(Product product, Person bob, string state)
    {
        await product.Backend.DisconnectAllAsync("bob");
        return await Ways[state](product, bob);
    }

    private static async Task<ConnectWindow> OpenAsync(Product product, Person bob, params string[] providers)
    {
        var connect = await bob.OpenAsync((await product.Backend.MintAsync("bob", providers: providers.Length > 0 ? providers : null)).Url);
        await connect.Cancel.WaitForAsync();
        return connect;
    }
}
