using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Alter.Browser.Tests.Wallet;

/// <summary>Every state the Wallet can be in, by name, and the way a person comes to it. What is rare is made by changing the vault's answer on its way.</summary>
internal static class WalletStates
{
    private static readonly Dictionary<string, Func<WalletWindow, Product, Person, Task>> Ways = new()
    {
        ["sign-in"] = async (wallet, _, _) => await Expect((await wallet.OpenAsync()).Place).ToBeVisibleAsync(),
        ["places"] = async (wallet, _, bob) =>
        {
            await ChangeAsync(bob, "session", session => session["places"] = new JsonArray(
                Place("acme", "https://id.acme.example/", "Acme Shop", "Acme Mall"),
                Place("entra", "https://login.example/tenant-one/v2.0", "Acme Desk"),
                Place("entra", "https://login.example/tenant-two/v2.0", "Acme Desk")));
            await Expect((await wallet.OpenAsync()).Place).ToHaveCountAsync(3);
        },
        ["closed"] = async (wallet, _, bob) =>
        {
            await ChangeAsync(bob, "session", session => session["places"] = new JsonArray());
            await Expect((await wallet.OpenAsync()).Title).ToHaveTextAsync("Nobody can sign in here");
        },
        ["empty"] = async (wallet, _, _) => await Expect((await wallet.SignInAsync("bob")).Page.Locator("#connections")).ToContainTextAsync("You have not connected anything"),
        ["connections"] = async (wallet, product, bob) =>
        {
            await ConnectedAsync(product, bob);
            await Expect((await wallet.SignInAsync("bob")).Connections).ToHaveCountAsync(6);
            await wallet.Connections.First.Locator("summary").ClickAsync();
        },
        ["ask-revoke"] = async (wallet, product, bob) =>
        {
            await ConnectedAsync(product, bob);
            await wallet.SignInAsync("bob");
            await wallet.ClickAsync(wallet.Action("revoke").First);
            await wallet.Dialog.WaitForAsync();
        },
        ["ask-extend"] = async (wallet, product, bob) =>
        {
            await ConnectedAsync(product, bob);
            await wallet.SignInAsync("bob");
            await wallet.ClickAsync(wallet.Action("extend").First);
            await wallet.Dialog.WaitForAsync();
        },
        ["activity"] = async (wallet, product, bob) =>
        {
            await ConnectedAsync(product, bob);
            await ActAsync(bob);
            await wallet.SignInAsync("bob");
            await wallet.Page.Locator("#to-activity").ClickAsync();
            await Expect(wallet.Entries).ToHaveCountAsync(4);
            await wallet.Entries.First.Locator("summary").ClickAsync();
        },
        ["activity-empty"] = async (wallet, _, bob) =>
        {
            await ChangeAsync(bob, "activity?*", page => page["entries"] = new JsonArray());
            await wallet.SignInAsync("bob");
            await wallet.Page.Locator("#to-activity").ClickAsync();
            await Expect(wallet.Page.Locator("#activity-message")).ToHaveTextAsync("Nothing was done with your accounts that fits.");
        },
        ["offline"] = async (wallet, _, bob) =>
        {
            await bob.Context.RouteAsync("**/wallet/session", route => route.AbortAsync());
            await Expect((await wallet.OpenAsync()).Title).ToHaveTextAsync("No connection");
        },
        ["unavailable"] = async (wallet, _, bob) =>
        {
            await bob.Context.RouteAsync("**/wallet/connections", route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = """{ "code": "vault_unavailable", "detail": "Storage cannot be reached." }""" }));
            await wallet.OpenAsync();
            await wallet.ClickAsync(wallet.Place);
            await wallet.Page.GetByTestId("sign-in-bob").ClickAsync();
            await Expect(wallet.Title).ToHaveTextAsync("Not available right now");
        },
        ["failed"] = (wallet, _, _) => wallet.OpenAsync("/signin/quickstart"),
    };

    internal static IReadOnlyCollection<string> Names => Ways.Keys;

    /// <summary>Brings a person there.</summary>
    internal static async Task<WalletWindow> ReachAsync(Product product, Person bob, string state)
    {
        await product.Backend.DisconnectAllAsync("bob");
        var wallet = new WalletWindow(bob, product);
        await Ways[state](wallet, product, bob);
        return wallet;
    }

    private static JsonObject Place(string id, string issuer, params string[] apps) => new()
    {
        ["identity_provider"] = id,
        ["issuer"] = issuer,
        ["apps"] = new JsonArray([.. apps.Select(app => new JsonObject { ["name"] = app, ["logo"] = null })]),
    };

    /// <summary>One real connection of Bob's, and five more of it, each with something wrong.</summary>
    private static async Task ConnectedAsync(Product product, Person bob)
    {
        await WalletWindow.ConnectAsync(product, bob, "bob", "bob@calendar.example", new { default_ttl_seconds = 86_400, max_ttl_seconds = 30 * 86_400 });
        await ChangeAsync(bob, "connections", contents =>
        {
            var all = contents["connections"]!.AsArray();
            var real = all[0]!;
            all.Add(Wrong(real, "credential_revoked", "refused", canReconnect: true));
            all.Add(Wrong(real, "expired", "expired", canReconnect: false));
            all.Add(Wrong(real, "active", "permission_missing", canReconnect: true));
            all.Add(Wrong(real, "active", "suspended", canReconnect: false));
            var elsewhere = Wrong(real, "active", "orphaned", canReconnect: false);
            elsewhere["app"] = new JsonObject { ["id"] = "mall", ["name"] = "Acme Mall with quite a long name that has to break somewhere", ["website_url"] = "https://mall.example/", ["logo"] = null };
            elsewhere["provider"] = new JsonObject { ["id"] = "gone", ["name"] = "gone", ["logo"] = null };
            elsewhere["account_identifier"] = "a.very.long.address.that.does.not.fit.on.a.phone@subdomain.of.a.long.domain.example";
            all.Add(elsewhere);
        });
    }

    private static JsonNode Wrong(JsonNode real, string status, string reason, bool canReconnect)
    {
        var wrong = real.DeepClone();
        (wrong["grant_id"], wrong["status"], wrong["reason"], wrong["can_reconnect"], wrong["can_extend"]) = ($"{Guid.NewGuid()}", status, reason, canReconnect, false);
        return wrong;
    }

    private static Task ActAsync(Person bob) => ChangeAsync(bob, "activity?*", page =>
    {
        page["next_cursor"] = "more";
        page["entries"] = new JsonArray(
            Entry("end", "answered", 200, "The provider answered; there is nothing to do."),
            Entry("end", "policy_violation", 403, "Policy time_of_day (08:00-18:00 Europe/Berlin) of the operator forbade it, and nothing was sent."),
            Entry("end", "answered", 503, "The provider failed (503); repeat the call later."),
            Entry("grant", "created", null, "The user connected the account; calls work from here on."));
    });

    private static JsonObject Entry(string kind, string outcome, int? status, string explanation) => new()
    {
        ["at"] = "2026-11-28T09:30:00.000Z",
        ["kind"] = kind,
        ["provider"] = "calendar",
        ["grant_id"] = null,
        ["caller"] = kind is "end" ? "digest worker" : null,
        ["key_id"] = "quickstart",
        ["method"] = kind is "end" ? "GET" : null,
        ["url"] = kind is "end" ? "https://calendar.example/api/calendars/primary/events/of/a/long/path/that/breaks" : null,
        ["status"] = status,
        ["latency_ms"] = 120,
        ["outcome"] = outcome,
        ["policy"] = outcome is "policy_violation" ? "time_of_day" : null,
        ["rule"] = null,
        ["reason"] = "The weekly digest",
        ["context"] = new JsonObject { ["run_id"] = "run-17" },
        ["request_id"] = "0123456789abcdef0123456789abcdef",
        ["explanation"] = explanation,
    };

    private static async Task ChangeAsync(Person person, string path, Action<JsonObject> change) => await person.Context.RouteAsync($"**/wallet/{path}", async route =>
    {
        // The cursor is of these pages alone: the vault itself would refuse it.
        var answer = await route.FetchAsync(new RouteFetchOptions { Url = route.Request.Url.Replace("&cursor=more", "", StringComparison.Ordinal) });
        var view = JsonNode.Parse(await answer.TextAsync())!.AsObject();
        if (answer.Ok)
        {
            change(view);
        }

        await route.FulfillAsync(new RouteFulfillOptions { Response = answer, Body = view.ToJsonString() });
    });
}
