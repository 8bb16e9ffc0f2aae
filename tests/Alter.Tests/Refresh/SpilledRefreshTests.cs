using Alter.Grants;
using Alter.Refresh;
using Alter.Storage;
using Alter.Testing;
using Azure.Core;
using Azure.Storage.Queues;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Refresh;

/// <summary>
/// Tables are down when the provider has answered: the new tokens take the other way, and survive the process that redeemed them. With a queue of its own,
/// for only its first messages can be looked at.
/// </summary>
public sealed class SpilledRefreshTests(OwnAzurite azurite) : RefreshFixture(azurite), IClassFixture<OwnAzurite>
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Time => time;

    [Fact]
    public async Task New_tokens_reach_the_row_though_their_process_is_gone()
    {
        var grant = await StaleAsync();
        var message = await SpillAsync(grant);

        Assert.Equal(1, (await Vault.ReadAsync(grant)).Generation); // Whoever redeemed is still trying, or dead.
        using var other = Another();
        await other.DueGrants.RunAsync(message, 1, Cancellation);

        var stored = await Vault.ReadAsync(grant);
        Assert.Equal((2, null), (stored.Generation, stored.Lease));
        Assert.True((await Vault.AccessTokens.GetAsync(stored, Erp, Cancellation)).Succeeded(out var token, out _));
        Assert.True(Provider.Accepts(token.Token.Reveal()));
        Assert.True(await Vault.Due.ContainsAsync(grant.Id, stored.DueAt!.Value, Cancellation));
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(3, Refreshed(await Vault.Refresher.RefreshAsync(stored, Erp)).Generation); // The rotated refresh token is the one that was kept.
    }

    [Fact]
    public async Task Nothing_in_the_message_can_be_read()
    {
        var grant = await StaleAsync();
        var message = await SpillAsync(grant);

        Assert.DoesNotContain("access-", message.Payload!, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{32}\\.[A-Za-z0-9_-]+$", message.Payload!);
        Assert.DoesNotContain("access-", System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(message.Payload!.Split('.')[1])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_comes_twice_or_late_changes_nothing()
    {
        var grant = await StaleAsync();
        var message = await SpillAsync(grant);
        await Vault.DueGrants.RunAsync(message, 1, Cancellation);
        var stored = await Vault.ReadAsync(grant);

        await Vault.DueGrants.RunAsync(message, 2, Cancellation);

        Assert.Equal(stored.ETag, (await Vault.ReadAsync(grant)).ETag);
    }

    [Fact]
    public async Task A_message_for_another_grant_or_of_invented_tokens_changes_nothing()
    {
        var (ada, bob) = (await StaleAsync(), await BobAsync());
        var message = await SpillAsync(ada);

        await Vault.DueGrants.RunAsync(message with { Gpk = bob.Key.Partition, Grk = bob.Key.Row, Gid = bob.Id }, 1, Cancellation);
        foreach (var payload in new[] { null, "", ".", "a.b", message.Payload![..^4] + "AAAA", "..." })
        {
            await Vault.DueGrants.RunAsync(message with { Payload = payload }, 1, Cancellation);
        }

        Assert.Equal((1, 1), ((await Vault.ReadAsync(ada)).Generation, (await Vault.ReadAsync(bob)).Generation));
    }

    [Fact]
    public async Task Tokens_of_a_grant_that_was_revoked_meanwhile_die_at_the_provider()
    {
        var grant = await StaleAsync();
        var message = await SpillAsync(grant);
        Assert.True((await Vault.Revocation.RevokeAsync(await Vault.ReadAsync(grant), Cancellation)).Succeeded(out _, out _));

        await Vault.DueGrants.RunAsync(message, 1, Cancellation);

        Assert.Equal(GrantStatus.Revoked, (await Vault.ReadAsync(grant)).Status);
        Assert.StartsWith("refresh-", Assert.Single(Provider.Revocations), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_row_that_is_not_as_the_vault_wrote_it_takes_no_tokens(bool revoked)
    {
        var grant = await StaleAsync();
        var message = await SpillAsync(grant);
        var row = await Vault.ReadAsync(grant);
        if (revoked)
        {
            Assert.True((await Vault.Revocation.RevokeAsync(row, Cancellation)).Succeeded(out _, out _));
            row = await Vault.ReadAsync(grant) with { Status = GrantStatus.Active };
        }
        else
        {
            row = row with { Scopes = ["admin"] };
        }

        Assert.NotNull(await Vault.Store.TryReplaceAsync(row, Cancellation));

        await Vault.DueGrants.RunAsync(message, 1, Cancellation);

        var after = await Vault.ReadAsync(grant);
        Assert.Equal(1, after.Generation);
        Assert.False(after.IsAuthentic((await Vault.Ring.FindAsync(after.Secrets.KeyVersion, Cancellation))!));
        Assert.StartsWith("refresh-", Assert.Single(Provider.Revocations), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_of_a_revoked_grant_that_has_a_successor_die_at_the_provider_too()
    {
        var grant = await StaleAsync();
        var message = await SpillAsync(grant);
        Assert.True((await Vault.Revocation.RevokeAsync(await Vault.ReadAsync(grant), Cancellation)).Succeeded(out _, out _));
        var revoked = await Vault.ReadAsync(grant);
        var successor = grant with { Place = grant.Place with { GrantId = GrantId.New(await Vault.OwnerAsync()) } };
        Assert.Equal(ConnectWrite.Stored, await Vault.Store.ConnectAsync(successor, revoked, Vault.Marker(successor), await Vault.UserAsync(successor), Cancellation));

        await Vault.DueGrants.RunAsync(message, 1, Cancellation);

        Assert.Equal(successor.Id, (await Vault.ReadAsync(grant)).Id);
        Assert.StartsWith("refresh-", Assert.Single(Provider.Revocations), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_wait_for_the_key_version_they_are_sealed_under()
    {
        var grant = await StaleAsync();
        var message = await SpillAsync(grant);

        await Vault.DueGrants.RunAsync(message with { Payload = $"{new string('0', 32)}.{message.Payload!.Split('.')[1]}" }, 1, Cancellation);

        await Eventually.TrueAsync(async () => (await MessagesAsync(grant)).Any(again => again.Due == 1), "the message is back");
    }

    [Fact]
    public async Task Tokens_of_a_grant_whose_older_token_was_refused_meanwhile_bring_it_back()
    {
        var grant = await StaleAsync();
        Provider.Rotates = false; // So that the newer tokens are good although the older one was presented once more.
        var message = await SpillAsync(grant);
        Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(400, """{"error":"invalid_grant"}"""));
        time.Advance(TimeSpan.FromMinutes(1)); // The lease lapsed.
        Assert.IsType<CredentialRevoked>(Refused(await Vault.Refresher.RefreshAsync(await Vault.ReadAsync(grant), Erp)));

        using var other = Another();
        await other.DueGrants.RunAsync(message, 1, Cancellation);

        Assert.Equal((GrantStatus.Active, 2), ((await Vault.ReadAsync(grant)).Status, (await Vault.ReadAsync(grant)).Generation));
    }

    [Fact]
    public async Task While_tables_are_down_the_message_comes_again_later()
    {
        var grant = await StaleAsync();
        var message = await SpillAsync(grant);
        using var other = Another();
        other.Network.LosesRequest = FakeNetwork.IsTables;

        await other.DueGrants.RunAsync(message, 1, Cancellation);

        await Eventually.TrueAsync(
            async () => (await MessagesAsync(grant)).Any(again => again.Due == 1 && again.Payload == message.Payload), "the message is back");
        Assert.Equal(1, (await Vault.ReadAsync(grant)).Generation);
    }

    // The provider answers, tables do not take it, and the process dies: its task is left where it waits.
    private async Task<GrantMessage> SpillAsync(Grant grant)
    {
        using var dying = Another();
        var storing = false; // Not before: the provider's own time would run out.
        Provider.BeforeAnswer = _ =>
        {
            dying.Network.LosesRequest = request =>
            {
                storing |= FakeNetwork.IsWrite(request, "grants");
                return FakeNetwork.IsTables(request);
            };
            return Task.CompletedTask;
        };
        _ = dying.Refresher.RefreshAsync(grant, Erp);
        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(storing ? TimeSpan.FromMilliseconds(500) : TimeSpan.Zero);
                return (await MessagesAsync(grant)).Count > 0;
            },
            "the tokens are in the queue");
        Provider.BeforeAnswer = _ => Task.CompletedTask;
        return Assert.Single(await MessagesAsync(grant));
    }

    private Vault Another() => Vault.Another();

    private Task<Grant> BobAsync() => Vault.GrantAsync(
        draft =>
        {
            (draft.Access, draft.Refresh) = Provider.Issue("bob@example.com");
            (draft.Account, draft.CreatedAt) = ("bob@example.com", time.GetUtcNow().AddHours(-2));
        },
        "bob");

    private async Task<IReadOnlyList<GrantMessage>> MessagesAsync(Grant grant)
    {
        var queue = new QueueClient(Azurite.ConnectionString, AlterQueues.Refresh, new QueueClientOptions(QueueClientOptions.ServiceVersion.V2025_11_05));
        if (!await queue.ExistsAsync(Cancellation))
        {
            return [];
        }

        var seen = await queue.PeekMessagesAsync(32, Cancellation);
        return [.. seen.Value.Select(message => GrantMessage.Parse(message.MessageText)).OfType<GrantMessage>()
            .Where(message => message.Kind == GrantMessage.SpillKind && message.Gid == grant.Id)];
    }
}
