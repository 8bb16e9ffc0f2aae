using Alter.Grants;
using Alter.Testing;

namespace Alter.Tests.Grants;

public sealed class GrantListingTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    private static readonly GrantQuery Two = new(null, null, null, 2, 0, null);

    [Fact]
    public async Task Pages_join_without_gap_or_repetition()
    {
        for (var n = 0; n < 5; n++)
        {
            await GrantAsync(draft => (draft.Account, draft.Provider) = ($"a{n}@example.com", n % 2 == 0 ? "erp" : "crm"));
        }

        var seen = new List<Guid>();
        for (var query = Two; query is not null;)
        {
            var page = await PageAsync(query);
            Assert.Equal(5, page.Total);
            Assert.Equal(page.HasMore, page.NextCursor is not null);
            seen.AddRange(page.Grants.Select(grant => grant.GrantId));
            query = page.NextCursor is null ? null : Two with { Cursor = page.NextCursor };
        }

        Assert.Equal(5, seen.Count);
        Assert.Equal(5, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_cursor_of_another_user_or_of_other_filters_is_refused()
    {
        for (var n = 0; n < 3; n++)
        {
            await GrantAsync(draft => draft.Account = $"a{n}@example.com");
            await GrantAsync(draft => draft.Account = $"a{n}@example.com", "mallory");
        }

        var cursor = (await PageAsync(Two)).NextCursor!;

        Assert.IsType<InvalidRequest>(await RefusedAsync(Two with { Cursor = cursor }, "mallory"));
        Assert.IsType<InvalidRequest>(await RefusedAsync(Two with { Cursor = cursor, Provider = "erp" }));
        Assert.IsType<InvalidRequest>(await RefusedAsync(Two with { Cursor = cursor, Account = "a" }));
        Assert.IsType<InvalidRequest>(await RefusedAsync(Two with { Cursor = cursor, Statuses = new HashSet<GrantStatus> { GrantStatus.Active } }));
        Assert.IsType<InvalidRequest>(await RefusedAsync(Two with { Cursor = cursor[..^4] + "AAAA" }));
        Assert.IsType<InvalidRequest>(await RefusedAsync(Two with { Cursor = "" }));
        Assert.IsType<InvalidRequest>(await RefusedAsync(Two with { Cursor = "!!" }));
        Assert.IsType<InvalidRequest>(await RefusedAsync(Two with { Cursor = new string('A', 100_000) }));
        Assert.Single((await PageAsync(Two with { Cursor = cursor })).Grants);
    }

    [Fact]
    public async Task Revoked_grants_are_listed_where_they_are_asked_for()
    {
        await GrantAsync();
        await GrantAsync(draft => (draft.Account, draft.Change) = ("b@example.com", grant => grant.Ended(GrantStatus.Revoked, null, Time.GetUtcNow())));

        Assert.Equal(["active"], (await PageAsync(Two)).Grants.Select(grant => grant.Status));
        Assert.Equal(["revoked"], (await PageAsync(Two with { Statuses = new HashSet<GrantStatus> { GrantStatus.Revoked } })).Grants.Select(grant => grant.Status));
    }

    [Fact]
    public async Task A_list_says_of_each_grant_how_it_does()
    {
        var next = Time.GetUtcNow().AddMinutes(4);
        await GrantAsync(draft => draft.Change = grant => grant with { Fails = 2, LastError = "provider_unreachable", NextAttemptAt = next });
        await GrantAsync(draft => (draft.Account, draft.Change) = ("b@example.com", grant => grant.Refused("refresh_interrupted", Time.GetUtcNow())));

        var health = (await PageAsync(Two)).Grants.ToDictionary(grant => grant.AccountIdentifier, grant => grant.Health);

        Assert.Equal(new GrantHealthView("retrying", "provider_unreachable", next), health["ada@example.com"]);
        Assert.Equal(new GrantHealthView("ended", "refresh_interrupted", null), health["b@example.com"]);
    }

    [Fact]
    public async Task A_grant_whose_key_is_gone_is_still_listed()
    {
        var grant = await GrantAsync();
        await EditAsync(grant.Key, row => row["kek"] = new string('0', 32));

        var listed = Assert.Single((await PageAsync(Two)).Grants);

        Assert.Equal((grant.Id, grant.Id.ToString("D")), (listed.GrantId, listed.AccountIdentifier));
    }

    private async Task<GrantPage> PageAsync(GrantQuery query)
    {
        Assert.True((await Vault.Listing.ListAsync(Vault.App, await Vault.OwnerAsync(), query, Cancellation)).Succeeded(out var page, out var refusal), refusal?.Detail);
        return page;
    }

    private async Task<Refusal> RefusedAsync(GrantQuery query, string subject = "ada")
    {
        Assert.False((await Vault.Listing.ListAsync(Vault.App, await Vault.OwnerAsync(subject), query, Cancellation)).Succeeded(out _, out var refusal));
        return refusal;
    }
}
