using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Story;

/// <summary>A product's whole life with the vault, over HTTP alone.</summary>
public sealed class StoryTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task A_user_connects_two_accounts_uses_them_across_a_refresh_and_takes_one_away()
    {
        var browser = new Browser(vault);
        var backend = vault.Backend(vault.Keys.Shop, await SignIn.AsAsync(browser, vault, "ada"));
        var events = new Uri(vault.CalendarUrl, "/api/events");
        (await backend.CallAsync("calendar", events)).IsRefusal(404, "grant_not_found");

        // Connect.
        var first = await backend.SessionAsync("calendar");
        Assert.Equal(600, (int)first["expires_in"]!);
        Assert.StartsWith($"{vault.PublicUrl}sdk/oauth/connect#session=sess_", (string)first["connect_url"]!, StringComparison.Ordinal);
        var view = await browser.ConnectCalendarAsync(first, "ada@calendar.example");
        Assert.Equal("complete", (string?)view["status"]);
        var grant = view["grants"]![0]!;
        var grantId = (string)grant["grant_id"]!;
        Assert.Equal("creation", (string?)grant["operation"]);
        Assert.Equal("ada@calendar.example", (string?)grant["account_identifier"]);

        // Call.
        var call = (await backend.CallAsync("calendar", events)).Is(200);
        Assert.Equal("ada@calendar.example", (string?)call.Json["account"]);
        Assert.Equal(grantId, call["X-Alter-Grant-Id"]);

        // The token of six seconds goes stale: the next call that finds it so refreshes it.
        await Eventually.TrueAsync(
            async () =>
            {
                (await backend.CallAsync("calendar", events)).Is(200);
                return await RefreshesAsync() > 0;
            },
            "a call refreshes the token");
        (await backend.CallAsync("calendar", events)).Is(200);
        Assert.Equal(0, (int)(await StatsAsync())["refresh_reuses"]!);

        // A second account: which one is meant has to be said.
        var second = await browser.ConnectCalendarAsync(await backend.SessionAsync("calendar"), "ada.work@calendar.example");
        var workId = (string)second["grants"]![0]!["grant_id"]!;
        var ambiguous = (await backend.CallAsync("calendar", events)).IsRefusal(409, "ambiguous_grant");
        Assert.Equal("choose_account", (string?)ambiguous.Json["action"]);
        Assert.Equal(["ada.work@calendar.example", "ada@calendar.example"], ambiguous.Json["account_identifiers"]!.AsArray().Select(name => (string)name!).Order());
        Assert.Equal(2, ambiguous.Json["grants"]!.AsArray().Count);
        foreach (var account in (string[])["ada@calendar.example", "ada.work@calendar.example"])
        {
            var picked = (await backend.CallAsync("calendar", events, request => request.Headers.Add("X-Alter-Account", account))).Is(200);
            Assert.Equal(account, (string?)picked.Json["account"]);
        }

        // Connecting the first again keeps its id.
        var again = await browser.ConnectCalendarAsync(await backend.SessionAsync("calendar"), "ada@calendar.example");
        Assert.Equal("reauth", (string?)again["grants"]![0]!["operation"]);
        Assert.Equal(grantId, (string?)again["grants"]![0]!["grant_id"]);

        // Revoke: refused at once, by id and by account; the second time answers the first's instant; the provider is told.
        var revoked = (await backend.RevokeAsync(grantId)).Is(200).Json;
        Assert.True((bool)revoked["success"]!);
        var refused = (await backend.CallByIdAsync(grantId, events)).IsRefusal(403, "grant_revoked");
        Assert.Equal(grantId, (string?)refused.Json["grant_id"]);
        (await backend.CallAsync("calendar", events, request => request.Headers.Add("X-Alter-Account", "ada@calendar.example"))).IsRefusal(403, "grant_revoked");
        Assert.Equal((string?)revoked["revoked_at"], (string?)(await backend.RevokeAsync(grantId)).Is(200).Json["revoked_at"]);
        await Eventually.TrueAsync(async () => (int)(await StatsAsync())["revocations"]! > 0, "the calendar was told");

        // The other account is untouched, and now the only one.
        Assert.Equal(workId, (await backend.CallAsync("calendar", events)).Is(200)["X-Alter-Grant-Id"]);

        // After a revocation the account gets a new grant.
        var anew = await browser.ConnectCalendarAsync(await backend.SessionAsync("calendar"), "ada@calendar.example");
        Assert.Equal("creation", (string?)anew["grants"]![0]!["operation"]);
        Assert.NotEqual(grantId, (string?)anew["grants"]![0]!["grant_id"]);
        (await backend.CallByIdAsync(grantId, events)).IsRefusal(403, "grant_revoked");
    }

    private async Task<JsonNode> StatsAsync() => (await new Browser(vault).GoAsync(new Uri(vault.CalendarUrl, "/demo/stats"))).Is(200).Json;

    private async Task<int> RefreshesAsync() => (int)(await StatsAsync())["refreshes"]!;
}
