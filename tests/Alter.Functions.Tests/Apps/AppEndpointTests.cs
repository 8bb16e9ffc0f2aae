using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Apps;

public sealed class AppEndpointTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task An_app_sees_what_its_users_can_connect()
    {
        var providers = (await vault.Shop().SendAsync(HttpMethod.Get, "/sdk/providers")).Is(200).Json["providers"]!.AsArray();
        var erp = providers.Single(provider => (string)provider!["id"]! == "erp")!;
        Assert.Equal(["category", "id", "logo", "name", "scopes", "suspended"], erp.AsObject().Select(member => member.Key).Order());
        Assert.NotEmpty((string)erp["name"]!);
        Assert.Equal($"{vault.PublicUrl}sdk/oauth/assets/apps/shop/providers/erp/logo", (string)erp["logo"]!);
    }

    [Fact]
    public async Task A_valid_user_token_is_answered_with_issuer_and_subject_and_a_bad_one_with_the_reason()
    {
        var backend = vault.Shop();
        var token = backend.Request(HttpMethod.Get, "/sdk/grants").Headers.GetValues("X-Alter-User-Token").Single();
        var user = (await backend.SendAsync(HttpMethod.Post, "/sdk/users/verify", new { user_token = token })).Is(200).Json;
        Assert.Equal(["issuer", "subject"], user.AsObject().Select(member => member.Key).Order());
        Assert.NotEmpty((string)user["subject"]!);

        var refused = await backend.SendAsync(HttpMethod.Post, "/sdk/users/verify", new { user_token = token + "x" });
        refused.IsRefusal(401, "invalid_user_token");
        Assert.Equal("signature", (string)refused.Json["reason"]!);
        (await backend.SendAsync(HttpMethod.Post, "/sdk/users/verify", new { token })).IsRefusal(400, "invalid_request");
    }
}
