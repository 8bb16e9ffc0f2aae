using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.Grants;

public sealed class RevokeGrantTests(SharedVault shared)
{
    private readonly RunningVault vault = shared.Vault;

    [Fact]
    public async Task The_provider_is_told_from_the_queue()
    {
        var backend = vault.Shop();
        var authorization = "";
        await backend.ConnectAsync();
        (await backend.CallAsync("erp", vault.Upstream.On(context =>
        {
            authorization = context.Request.Headers.Authorization.ToString();
            return Task.CompletedTask;
        }))).Is(200);
        var accessToken = authorization["Bearer ".Length..];
        Assert.True(vault.Erp.Accepts(accessToken));
        var grant = (string)(await backend.ListAsync())["grants"]![0]!["grant_id"]!;
        (await backend.SendAsync(HttpMethod.Delete, $"/sdk/grants/{grant}", new { reason = "moved on" })).Is(200);
        await Eventually.TrueAsync(() => !vault.Erp.Accepts(accessToken), "the provider ended the token");
    }

    [Fact]
    public async Task Of_ten_racing_revocations_all_answer_one_instant()
    {
        var backend = vault.Shop();
        var grant = (string)(await backend.ConnectAsync())["grant_id"]!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => backend.RevokeAsync(grant)));
        Assert.Single(answers.Select(answer => (string?)answer.Is(200).Json["revoked_at"]).Distinct());
    }

    [Fact]
    public async Task A_body_is_read_strictly_or_left_out()
    {
        var backend = vault.Shop();
        var path = $"/sdk/grants/{(string)(await backend.ConnectAsync())["grant_id"]!}";
        (await backend.SendAsync(HttpMethod.Delete, path, """{"why":"x"}""")).IsInvalid("why");
        (await backend.SendAsync(HttpMethod.Delete, path, """{"reason":1}""")).IsInvalid("reason");
        (await backend.SendAsync(HttpMethod.Delete, path, "reason")).IsRefusal(400, "invalid_request");
        (await backend.SendAsync(HttpMethod.Delete, path, new { reason = new string('x', 501) })).IsRefusal(413, "request_too_large");
        (await backend.SendAsync(HttpMethod.Delete, path, $$"""{"reason":"{{new string('x', 70_000)}}"}""")).IsRefusal(413, "request_too_large");
        (await backend.CallAsync("erp", vault.Upstream.Echo())).Is(200);
        (await backend.SendAsync(HttpMethod.Delete, path)).Is(200);
    }

    [Fact]
    public async Task A_query_cannot_name_another_grant()
    {
        var backend = vault.Shop();
        var (one, other) = ((string)(await backend.ConnectAsync())["grant_id"]!, (string)(await backend.ConnectAsync())["grant_id"]!);
        (await backend.SendAsync(HttpMethod.Delete, $"/sdk/grants/{one}?grantId={other}&grant_id={other}")).Is(200);
        Assert.Equal(other, (string?)Assert.Single((await backend.ListAsync())["grants"]!.AsArray())!["grant_id"]);
    }
}
