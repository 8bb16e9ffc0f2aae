using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Alter.Browser.Tests.States;

/// <summary>What the vault answers to <c>open</c>, changed on its way: for states that are rare, or that this vault is not configured for.</summary>
internal static class ChangedView
{
    private const string Open = "**/sdk/oauth/connect/open";

    internal static Task ChangeViewAsync(this Person person, Action<JsonObject> change) => person.Context.RouteAsync(Open, async route =>
    {
        var answer = await route.FetchAsync();
        var view = JsonNode.Parse(await answer.TextAsync())!.AsObject();
        change(view);
        await route.FulfillAsync(new RouteFulfillOptions { Response = answer, Body = view.ToJsonString() });
    });

    /// <summary>As it is when a flow came back without an account.</summary>
    internal static void CameBackWith(this JsonObject view, string error, string description)
    {
        view["status"] = "error";
        view["error"] = error;
        view["code"] = error;
        view["error_description"] = description;
    }

    /// <summary>Twelve providers instead of those there are.</summary>
    internal static void OffersMany(this JsonObject view)
    {
        string[] names = ["Acme Archive", "Acme Billing", "Acme Calendar", "Acme Chat", "Acme Drive", "Acme ERP", "Acme Forms", "Acme Mail", "Acme Maps", "Acme Notes", "Acme Sheets", "Acme Tasks"];
        var calendar = view["providers"]![0]!;
        view["providers"] = new JsonArray([.. names.Select(name =>
        {
            var provider = calendar.DeepClone();
            provider["name"] = name;
            provider["id"] = name.ToLowerInvariant().Replace(' ', '_');
            provider["scopes"] = new JsonArray("items.read", "email");
            provider["scope_descriptions"] = new JsonObject { ["items.read"] = "See what you keep there" };
            return provider;
        })]);
    }
}
