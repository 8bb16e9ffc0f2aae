using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Grants;

/// <summary>Whose grants a call may use: by proxy and by DELETE.</summary>
public sealed class GrantOwnershipTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task A_foreign_a_random_and_a_malformed_id_answer_alike()
    {
        var foreign = (string)(await vault.Shop().ConnectAsync())["grant_id"]!;
        var solo = (string)(await vault.Backend(vault.Keys.Solo).ConnectAsync(app: "solo"))["grant_id"]!;
        var mallory = vault.Shop();
        var url = vault.Upstream.Echo();
        var calls = new List<string>();
        var deletes = new List<string>();
        foreach (var id in (string[])[foreign, solo, Guid.NewGuid().ToString(), Guid.Empty.ToString(), "x", foreign.ToUpperInvariant(), $"{{{foreign}}}", "' or '1' eq '1"])
        {
            calls.Add((await mallory.CallByIdAsync(id, url)).IsRefusal(404, "grant_not_found").Comparable());
            deletes.Add((await mallory.RevokeAsync(Uri.EscapeDataString(id))).IsRefusal(404, "grant_not_found").Comparable());
        }

        Assert.Single(calls.Concat(deletes).Distinct());
    }

    [Fact]
    public async Task A_key_without_any_user_needs_the_users_token_even_with_an_id()
    {
        var grant = (string)(await vault.Shop().ConnectAsync())["grant_id"]!;
        var backend = vault.Backend(vault.Keys.Shop);
        Assert.Equal("missing", (string?)(await backend.CallByIdAsync(grant, vault.Upstream.Echo())).IsRefusal(401, "invalid_user_token").Json["reason"]);
        (await backend.RevokeAsync(grant)).IsRefusal(401, "invalid_user_token");
    }

    [Fact]
    public async Task A_key_for_any_user_acts_by_grant_id_alone_and_within_its_app()
    {
        var owner = vault.Shop();
        var grant = (string)(await owner.ConnectAsync())["grant_id"]!;
        var url = vault.Upstream.Echo();
        var jobs = vault.Backend(vault.Keys.Jobs);
        Assert.Equal(grant, (await jobs.CallByIdAsync(grant, url)).Is(200)["X-Alter-Grant-Id"]);
        (await jobs.CallAsync("erp", url)).IsRefusal(401, "invalid_user_token");
        (await jobs.SendAsync(HttpMethod.Get, "/sdk/grants")).IsRefusal(401, "invalid_user_token");
        (await jobs.MintAsync(new { })).IsRefusal(401, "invalid_user_token");

        // With a token it acts for that user and no other; an empty one is no permission to act for any.
        (await vault.Backend(vault.Keys.Jobs, vault.UserToken("somebody")).CallByIdAsync(grant, url)).IsRefusal(404, "grant_not_found");
        (await vault.Backend(vault.Keys.Jobs, "junk").CallByIdAsync(grant, url)).IsRefusal(401, "invalid_user_token");

        // Another app's key for any of its own users.
        (await vault.Backend(vault.Keys.Mall).CallByIdAsync(grant, url)).IsRefusal(404, "grant_not_found");
        (await vault.Backend(vault.Keys.Mall).RevokeAsync(grant)).IsRefusal(404, "grant_not_found");
        (await owner.CallAsync("erp", url)).Is(200);
        (await jobs.RevokeAsync(grant)).Is(200);
        (await owner.CallAsync("erp", url)).IsRefusal(403, "grant_revoked");
    }

    [Fact]
    public async Task An_app_that_owns_its_grants_has_no_users()
    {
        var robot = vault.Backend(vault.Keys.Solo);
        var grant = (string)(await robot.ConnectAsync(account: $"robot-{A.Unique()}", app: "solo"))["grant_id"]!;
        (await robot.CallByIdAsync(grant, vault.Upstream.Echo())).Is(200);
        Assert.Contains((await robot.ListAsync("?provider=erp"))["grants"]!.AsArray(), entry => (string?)entry!["grant_id"] == grant);
        (await vault.Backend(vault.Keys.Solo, vault.UserToken("ada")).SendAsync(HttpMethod.Get, "/sdk/grants")).IsInvalid("X-Alter-User-Token");
        (await robot.RevokeAsync(grant)).Is(200);
    }
}
