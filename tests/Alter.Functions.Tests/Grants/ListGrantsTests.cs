using System.Text.Json.Nodes;
using Alter.Functions.Tests.Running;

namespace Alter.Functions.Tests.Grants;

public sealed class ListGrantsTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task Grants_are_filtered_and_paged_by_cursor_and_by_offset()
    {
        var backend = vault.Shop();
        foreach (var (provider, account) in ((string, string)[])[("erp", "a@erp.example"), ("erp", "b@erp.example"), ("erp", "c@erp.example"), ("crm", "a@erp.example")])
        {
            await backend.ConnectAsync(provider, account);
        }

        var all = await backend.ListAsync();
        Assert.Equal((4, 100, 0, false), ((int)all["total"]!, (int)all["limit"]!, (int)all["offset"]!, (bool)all["has_more"]!));
        Assert.Null(all["next_cursor"]);
        var ids = Ids(all);

        var seen = new List<string>();
        var page = await backend.ListAsync("?limit=3");
        seen.AddRange(Ids(page));
        Assert.True((bool)page["has_more"]!);
        var cursor = Uri.EscapeDataString((string)page["next_cursor"]!);
        page = await backend.ListAsync($"?limit=3&cursor={cursor}");
        seen.AddRange(Ids(page));
        Assert.False((bool)page["has_more"]!);
        Assert.Equal(ids, seen);
        Assert.Equal(ids[2..], Ids(await backend.ListAsync("?offset=2")));

        Assert.Equal(3, (int)(await backend.ListAsync("?provider_id=erp"))["total"]!);
        Assert.Equal(3, (int)(await backend.ListAsync("?provider=erp"))["total"]!);
        Assert.Equal(2, (int)(await backend.ListAsync("?account=A%40ERP.example"))["total"]!);
        Assert.Equal(1, (int)(await backend.ListAsync("?account=a%40erp.example&provider=crm"))["total"]!);
        Assert.Equal(0, (int)(await backend.ListAsync("?status=expired,revoked"))["total"]!);
        Assert.Equal(0, (int)(await backend.ListAsync("?provider=google%27%20or%20PartitionKey%20gt%20%27"))["total"]!);

        // A cursor is of one user and one query.
        (await vault.Shop().SendAsync(HttpMethod.Get, $"/sdk/grants?limit=3&cursor={cursor}")).IsInvalid("cursor");
        (await backend.SendAsync(HttpMethod.Get, $"/sdk/grants?provider=erp&cursor={cursor}")).IsInvalid("cursor");

        // A revoked one is listed on demand alone.
        (await backend.RevokeAsync(ids[0])).Is(200);
        Assert.Equal(3, (int)(await backend.ListAsync())["total"]!);
        Assert.Equal([ids[0]], Ids(await backend.ListAsync("?status=revoked")));
        Assert.Equal(4, (int)(await backend.ListAsync("?status=active,revoked"))["total"]!);
    }

    [Fact]
    public async Task A_grant_has_the_shape_that_every_client_reads()
    {
        var backend = vault.Shop();
        await backend.ConnectAsync("erp", "ada@erp.example");
        (await backend.CallAsync("erp", vault.Upstream.Echo())).Is(200);
        await Testing.Eventually.TrueAsync(async () => (await backend.ListAsync())["grants"]![0]!["last_used_at"] is not null, "the use is noted");
        var grant = (await backend.ListAsync())["grants"]![0]!.AsObject();
        Assert.Equal(
            ["grant_id", "grant_kind", "provider", "provider_id", "provider_name", "account_identifier", "account_display_name", "scopes", "scope_mismatch", "status", "created_at", "last_used_at", "expires_at", "health"],
            grant.Select(member => member.Key));
        Assert.Equal(("oauth", "erp", "erp", "Acme ERP", "ada@erp.example", "active"),
            ((string?)grant["grant_kind"], (string?)grant["provider"], (string?)grant["provider_id"], (string?)grant["provider_name"], (string?)grant["account_identifier"], (string?)grant["status"]));
        Assert.Equal("""{"state":"ok","last_error":null,"next_attempt_at":null}""", grant["health"]!.ToJsonString());
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=101", "limit")]
    [InlineData("?limit=1.5", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?limit=1&limit=2", "limit")]
    [InlineData("?offset=-1", "offset")]
    [InlineData("?offset=1&cursor=x", "cursor")]
    [InlineData("?cursor=x", "cursor")]
    [InlineData("?cursor=%00", "cursor")]
    [InlineData("?status=active,dead", "status")]
    [InlineData("?provider=erp&provider_id=crm", "provider")]
    [InlineData("?acount=ada", "acount")]
    [InlineData("?user_token=x", "user_token")]
    public async Task A_query_that_cannot_be_understood_is_named(string query, string field) =>
        (await vault.Shop().SendAsync(HttpMethod.Get, $"/sdk/grants{query}")).IsInvalid(field);

    private static List<string> Ids(JsonNode page) => [.. page["grants"]!.AsArray().Select(grant => (string)grant!["grant_id"]!)];
}
