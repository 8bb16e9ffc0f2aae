using Microsoft.Playwright;

namespace Alter.Browser.Tests.Widget;

/// <summary>A page at the shop's address, the one origin that the vault tells, with a widget of the test's choice.</summary>
internal static class ShopPage
{
    private const string Script = """
        window.seen = [];
        window.hear = {
          onSuccess: grants => seen.push(`success ${grants.map(grant => grant.provider).join()} ${grants[0].account_identifier}`),
          onError: error => seen.push(`error ${error.code}`),
          onExit: () => seen.push('exit'),
        };
        window.widget = AlterConnect.create();
        """;

    /// <param name="person">Who visits.</param>
    /// <param name="product">Whose shop.</param>
    /// <param name="widget">The address of the widget's script, or its text.</param>
    internal static async Task<WidgetPage> VisitAsync(Person person, Product product, string widget)
    {
        var script = widget.StartsWith("http", StringComparison.Ordinal) ? $"<script src=\"{widget}\"></script>" : $"<script>{widget}</script>";
        // A page that comes from no address counts as one of the internet, which may not load anything from this machine by itself.
        await person.Context.GrantPermissionsAsync(["local-network-access"]);
        await person.Page.RouteAsync($"{product.At.Shop}embedded**", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/html; charset=utf-8",
            Body = $"<!doctype html><html lang=\"en\"><head><title>Shop</title><link rel=\"icon\" href=\"data:,\"></head><body><button id=\"go\">Connect</button>{script}<script>{Script}</script></body></html>",
        }));
        await person.Page.GotoAsync($"{product.At.Shop}embedded");
        return new WidgetPage(person.Page);
    }
}
