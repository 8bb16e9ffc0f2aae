using Alter.Connect;
using Alter.Grants;
using Alter.Testing;

namespace Alter.Tests.Connect;

/// <summary>A user is erased while an account of theirs is being connected: no session minted before makes a grant, wherever the erasure comes in between.</summary>
public sealed class ErasedConnectTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    [Theory]
    [InlineData(null)]
    [InlineData("complete")]
    public async Task A_session_minted_before_makes_no_grant_and_one_minted_after_does(string? proof)
    {
        var session = await MintAsync(proof);
        var redirect = await AuthorizeAsync(session);
        await EraseAsync();

        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out _));

        await AssertNothingAsync();
        Assert.Single(Provider.Revocations); // What the code brought is given back.
        Assert.Equal(("error", "connect_session_expired"), ((await StatusAsync(session)).Status, (await StatusAsync(session)).Error));
        Time.Advance(TimeSpan.FromSeconds(1));
        var later = await MintAsync(proof);
        var again = await AuthorizeAsync(later);
        Assert.True((await FinishAsync(Consented(again), again.Cookie)).Succeeded(out _, out _));
        Assert.Single(await AllAsync());
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)] // The user has a row already: their first account.
    [InlineData("complete", false)]
    [InlineData("complete", true)]
    public async Task An_erasure_before_any_storage_operation_of_a_finish_leaves_nothing_of_it(string? proof, bool connectedBefore)
    {
        for (var at = 1; ; at++)
        {
            if (connectedBefore)
            {
                await ConnectedAsync(account: "first@example.com");
            }

            var redirect = await AuthorizeAsync(await MintAsync(proof));
            var seen = 0;
            using var finishing = Vault.Another();
            await finishing.Store.ListAllAsync(await finishing.OwnerAsync(), Cancellation); // Tables and salt are known.
            finishing.Network.Before = _ => Interlocked.Increment(ref seen) == at ? EraseAsync() : Task.CompletedTask;

            await FinishAsync(Consented(redirect), redirect.Cookie, vault: finishing);

            if (seen < at)
            {
                Assert.True(at > 8, $"Only {at} operations?");
                return;
            }

            // What was stored before the erasure went with it; what came after it was never stored.
            await AssertNothingAsync();
            Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task An_erasure_before_any_storage_operation_of_a_completion_leaves_nothing_of_it()
    {
        for (var at = 1; ; at++)
        {
            var redirect = await AuthorizeAsync(await MintAsync("complete"));
            Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out _));
            var owner = await Vault.OwnerAsync();
            var pending = Assert.Single((await Vault.Store.ListAllAsync(owner, Cancellation)).Pending, grant => grant.Status is GrantStatus.Pending);
            var code = CompletionCode.Of((await Vault.Ring.FindAsync(pending.Secrets.KeyVersion, Cancellation))!, pending);
            var seen = 0;
            using var completing = Vault.Another();
            await completing.Store.ListAllAsync(await completing.OwnerAsync("bob"), Cancellation);
            completing.Network.Before = _ => Interlocked.Increment(ref seen) == at ? EraseAsync() : Task.CompletedTask;

            var outcome = await completing.Complete.RunAsync(Vault.App, owner, code, Cancellation);

            if (seen < at)
            {
                Assert.True(at > 3, $"Only {at} operations?");
                return;
            }

            Assert.IsType<ConnectSessionExpired>(Refused(outcome));
            await AssertNothingAsync();
            Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Eight_accounts_of_one_user_connected_at_once_are_eight_grants()
    {
        var flows = new List<AuthorizationRedirect>();
        for (var n = 0; n < 8; n++)
        {
            flows.Add(await AuthorizeAsync(await SessionAsync()));
        }

        var finished = await Task.WhenAll(flows.Select((redirect, n) => FinishAsync(Consented(redirect, $"account-{n}@example.com"), redirect.Cookie)));

        Assert.All(finished, outcome => Assert.True(outcome.Succeeded(out _, out _)));
        Assert.Equal(8, (await GrantsAsync()).Count);
        Assert.Empty(Provider.Revocations);
    }

    [Fact]
    public async Task An_account_connected_again_while_its_old_grant_waits_for_its_provider_is_a_new_grant()
    {
        var old = await ConnectedAsync();
        Provider.Revocation = _ => new FakeAnswer(503, "");
        Assert.NotNull(await Vault.Erasure.RunAsync(await Vault.OwnerAsync(), Cancellation));
        Time.Advance(TimeSpan.FromSeconds(1));

        var renewed = await ConnectedAsync();

        Assert.NotEqual(old.Id, renewed.Id);
        Provider.Revocation = _ => null;
        await Vault.AtProvider.RunAsync(GrantRevocation.MessageFor(old), Cancellation);
        Assert.Single(Provider.Revocations.Distinct());
        Assert.Null(await Vault.Store.ReadAsync(old.Key, old.Id, Cancellation));
        Assert.Equal(GrantStatus.Active, (await Vault.ReadAsync(renewed)).Status);
    }

    private async Task<string> MintAsync(string? proof)
    {
        var request = new ConnectSessionRequest { AllowedProviders = ["erp"], ReturnUrl = "https://shop.acme.com/connected", BrowserProof = proof };
        Assert.True((await Vault.Minting.MintAsync(Vault.App, Vault.User(), "Ada", request, Cancellation)).Succeeded(out var created, out var refusal), refusal?.Detail);
        return created.SessionToken;
    }

    // All of it, the provider told.
    private async Task EraseAsync()
    {
        var owner = await Vault.OwnerAsync();
        Assert.NotNull(await Vault.Erasure.RunAsync(owner, Cancellation));
        foreach (var row in (await Vault.Store.ListRowsAsync(owner, Cancellation)).Where(GrantRow.IsGrant))
        {
            await Vault.AtProvider.RunAsync(GrantRevocation.MessageFor(GrantRow.Read(row)), Cancellation);
        }
    }

    private async Task<IReadOnlyList<Grant>> AllAsync()
    {
        var rows = await Vault.Store.ListAllAsync(await Vault.OwnerAsync(), Cancellation);
        return [.. rows.Grants, .. rows.Pending];
    }

    private async Task AssertNothingAsync()
    {
        var owner = await Vault.OwnerAsync();
        Assert.Equal(["!u"], (await Vault.Store.ListRowsAsync(owner, Cancellation)).Select(row => row.RowKey));
        foreach (var table in new[] { "accounts", "due" })
        {
            await foreach (var row in Azurite.Table(table).QueryAsync<Azure.Data.Tables.TableEntity>(cancellationToken: Cancellation))
            {
                Assert.NotEqual(owner.Partition, row.GetString("gpk"));
            }
        }
    }
}
