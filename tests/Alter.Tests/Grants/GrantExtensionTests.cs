using Alter.Grants;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Grants;

public sealed class GrantExtensionTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    private DateTimeOffset Now => Time.GetUtcNow();

    [Fact]
    public async Task Its_end_moves_up_to_the_furthest_and_the_row_stays_authentic()
    {
        var grant = await EndingAsync();

        var extended = await ExtendAsync(grant, Now.AddDays(9));

        var read = await Vault.ReadAsync(grant);
        Assert.Equal((Now.AddDays(9), Now.AddDays(9), grant.Generation), (extended.ExpiresAt, read.ExpiresAt, read.Generation));
        Assert.True((await Vault.Keys.AuthenticateAsync(read, Cancellation)).Succeeded(out _, out _));
        Assert.Equal(("access", "refresh"), await Vault.TokensAsync(read));
        Time.Advance(TimeSpan.FromDays(9));
        Assert.Equal(GrantStatus.Expired, read.StatusAt(Now));
    }

    [Fact]
    public async Task No_further_no_earlier_and_not_what_has_no_end()
    {
        var grant = await EndingAsync();
        foreach (var until in (DateTimeOffset[])[Now.AddDays(9).AddTicks(1), grant.ExpiresAt!.Value, Now, DateTimeOffset.MinValue, DateTimeOffset.MaxValue])
        {
            Assert.IsType<InvalidRequest>(await RefusedAsync(grant, until));
        }

        Assert.IsType<InvalidRequest>(await RefusedAsync(await EndingAsync(made => made with { ExpiresAt = null }), Now.AddDays(5)));
        Assert.IsType<InvalidRequest>(await RefusedAsync(await EndingAsync(made => made with { MaxExpiresAt = made.ExpiresAt }), Now.AddDays(5)));
        Assert.Equal(Now.AddYears(5), (await ExtendAsync(await EndingAsync(made => made with { MaxExpiresAt = null }), Now.AddYears(5))).ExpiresAt);
    }

    [Fact]
    public async Task The_furthest_end_as_the_wire_tells_it_is_the_furthest_end()
    {
        var grant = await EndingAsync();
        var furthest = grant.MaxExpiresAt!.Value;
        var told = new DateTimeOffset(furthest.Ticks - (furthest.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        Assert.NotEqual(furthest, told);

        Assert.Equal(furthest, (await ExtendAsync(grant, told)).ExpiresAt);
    }

    [Fact]
    public async Task What_is_over_is_not_revived()
    {
        var grant = await EndingAsync();
        Time.Advance(TimeSpan.FromDays(1));
        Assert.IsType<GrantExpired>(await RefusedAsync(grant, Now.AddDays(5)));

        var revoked = await EndingAsync();
        await Vault.Revocation.RevokeAsync(revoked, Cancellation);
        Assert.IsType<GrantRevoked>(await RefusedAsync(revoked, Now.AddDays(5))); // As read before it was revoked.
        Assert.Equal(GrantStatus.Revoked, (await Vault.ReadAsync(revoked)).Status);
    }

    [Fact]
    public async Task A_furthest_end_that_was_moved_in_storage_is_not_built_upon()
    {
        var grant = await EndingAsync();
        var row = (await Vault.Tables.Grants.GetEntityAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: Cancellation)).Value;
        row["max_expires_at"] = Now.AddYears(10);
        await Vault.Tables.Grants.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);

        Assert.IsType<IntegrityFailure>(await RefusedAsync(await Vault.ReadAsync(grant), Now.AddYears(1)));
    }

    [Fact]
    public async Task One_without_refresh_token_is_next_looked_at_when_it_ends()
    {
        var grant = await EndingAsync(made => made with { DueAt = made.ExpiresAt }, refresh: null);
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, grant.ExpiresAt!.Value, Cancellation));

        var extended = await ExtendAsync(grant, Now.AddDays(5));

        Assert.Equal(Now.AddDays(5), extended.DueAt);
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, Now.AddDays(5), Cancellation));
        Assert.False(await Vault.Due.ContainsAsync(grant.Id, grant.ExpiresAt.Value, Cancellation));
    }

    [Fact]
    public async Task A_row_written_meanwhile_is_read_again_and_keeps_what_was_written()
    {
        var grant = await EndingAsync();
        await Vault.Store.TryReplaceAsync(grant with { Fails = 3, LastError = "provider_unreachable" }, Cancellation);

        await ExtendAsync(grant, Now.AddDays(5));

        var read = await Vault.ReadAsync(grant);
        Assert.Equal((3, Now.AddDays(5)), (read.Fails, read.ExpiresAt));
    }

    [Fact]
    public async Task An_answer_that_got_lost_is_found_to_have_happened()
    {
        var grant = await EndingAsync();
        Vault.Network.LoseNextAnswer(request => FakeNetwork.IsWrite(request, "grants"));

        Assert.Equal(Now.AddDays(5), (await ExtendAsync(grant, Now.AddDays(5))).ExpiresAt);
    }

    private Task<Grant> EndingAsync(Func<Grant, Grant>? change = null, string? refresh = "refresh") => Vault.GrantAsync(draft =>
    {
        draft.Account = $"{A.Unique()}@example.com";
        draft.Refresh = refresh;
        draft.Change = grant =>
        {
            var ending = grant with { ExpiresAt = Now.AddDays(1), MaxExpiresAt = Now.AddDays(9) };
            return change?.Invoke(ending) ?? ending;
        };
    });

    private async Task<Grant> ExtendAsync(Grant grant, DateTimeOffset until)
    {
        Assert.True((await Vault.Extension.ExtendAsync(grant, until, Cancellation)).Succeeded(out var extended, out var refusal), refusal?.Detail);
        return extended;
    }

    private async Task<Refusal> RefusedAsync(Grant grant, DateTimeOffset until)
    {
        Assert.False((await Vault.Extension.ExtendAsync(grant, until, Cancellation)).Succeeded(out _, out var refusal));
        return refusal;
    }
}
