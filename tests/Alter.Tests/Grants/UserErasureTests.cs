using Alter.Grants;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Grants;

public sealed class UserErasureTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    private readonly TableClient accounts = azurite.Table("accounts");
    private readonly TableClient dueRows = azurite.Table("due");

    [Fact]
    public async Task Nothing_of_the_user_is_left_once_the_provider_was_told_and_others_keep_theirs()
    {
        var grants = await EverythingAsync();
        var tokens = await Task.WhenAll(grants.Where(grant => grant.Secrets.RefreshToken is not null).Select(Vault.TokensAsync));
        var bobs = await GrantAsync(draft => draft.Account = "bob@example.com", "bob");

        var erased = await EraseAsync();

        Assert.Equal(new ErasedUser(3, 1, 3, erased.Notes), erased);
        Assert.True(erased.Notes >= 4, $"{erased.Notes}");
        Assert.All(await RowsAsync(), row => Assert.True(row.RowKey == "!u" || row.GetBoolean("erased") is true, row.RowKey));
        Assert.Empty(await IndexedAsync());

        await TellAsync();
        Assert.Equal(tokens.Select(token => token.Refresh).Order(), Provider.Revocations.Order());
        Assert.Equal(["!u"], (await RowsAsync()).Select(row => row.RowKey));
        Assert.Empty(await DueAsync());
        Assert.Equal(bobs.ETag, (await Vault.ReadAsync(bobs)).ETag);
        Assert.NotNull(await Vault.Accounts.FindAsync(bobs, Cancellation));
    }

    [Fact]
    public async Task What_waits_for_its_provider_keeps_no_account_and_is_there_for_nobody()
    {
        var grant = await GrantAsync();
        await EraseAsync();
        var owner = await Vault.OwnerAsync();

        var waiting = await Vault.ReadAsync(grant);
        Assert.Equal((true, GrantStatus.Revoked, 0, 0), (waiting.IsErased, waiting.Status, waiting.Secrets.Profile.Length, waiting.Scopes.Count));
        Assert.NotNull(waiting.RevocationToken);
        Assert.IsType<GrantNotFound>(Refused(await Vault.Resolution.ResolveAsync(owner, "erp", null, Cancellation)));
        Assert.IsType<GrantNotFound>(Refused(await Vault.Resolution.ResolveByIdAsync(owner, grant.Id.ToString("D"), Cancellation)));
        Assert.True((await Vault.Listing.ListAsync(Vault.App, owner, new GrantQuery(null, null, Enum.GetValues<GrantStatus>().ToHashSet(), 10, 0, null), Cancellation)).Succeeded(out var page, out _));
        Assert.Empty(page.Grants);
    }

    [Fact]
    public async Task What_a_provider_is_never_told_goes_after_24_hours()
    {
        await GrantAsync();
        await EraseAsync();
        Provider.Revocation = _ => new FakeAnswer(503, "");
        await TellAsync();
        Assert.Equal(2, (await RowsAsync()).Count);
        Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));

        await TellAsync();

        Assert.Equal(["!u"], (await RowsAsync()).Select(row => row.RowKey));
        Assert.Empty(await DueAsync());
    }

    [Fact]
    public async Task A_dry_run_counts_and_changes_nothing()
    {
        await EverythingAsync();
        var before = (await RowsAsync()).Select(row => row.ETag).ToList();

        var counts = await Vault.Erasure.LookAsync(await Vault.OwnerAsync(), Cancellation);

        Assert.Equal(new ErasedUser(3, 1, 3, counts.Notes), counts);
        Assert.Equal(before, (await RowsAsync()).Select(row => row.ETag));
        Assert.Empty(Provider.Revocations);
    }

    [Fact]
    public async Task It_needs_no_key()
    {
        var grant = await GrantAsync();
        await EditAsync(grant.Key, row => (row["kek"], row["mac"]) = (new string('0', 32), Array.Empty<byte>()));

        await EraseAsync();
        await TellAsync();

        Assert.Equal(["!u"], (await RowsAsync()).Select(row => row.RowKey));
    }

    [Fact]
    public async Task Killed_at_any_storage_operation_it_is_finished_by_the_next_run()
    {
        for (var at = 1; ; at++)
        {
            await EverythingAsync();
            using var dying = Vault.Another();
            await dying.Erasure.LookAsync(await dying.OwnerAsync(), Cancellation); // Its tables are known and its salt read: what is counted is the erasure alone.
            var left = at;
            dying.Network.LosesRequest = _ => Interlocked.Decrement(ref left) < 0; // From that operation on nothing arrives, as if it had died.
            var died = await Record.ExceptionAsync(async () => await dying.Erasure.RunAsync(await dying.OwnerAsync(), Cancellation));
            if (died is null)
            {
                Assert.True(at > 20, $"Only {at} operations?");
                return;
            }

            Assert.True(StorageFault.Is(died), died.ToString());
            await EraseAsync();
            await TellAsync();
            Assert.Equal(["!u"], (await RowsAsync()).Select(row => row.RowKey));
            Assert.Empty(await IndexedAsync());
            Assert.Empty(await DueAsync());
        }
    }

    [Fact]
    public async Task An_answer_that_got_lost_at_any_operation_changes_nothing()
    {
        var count = 0;
        for (var at = 0; at == 0 || at <= count; at++)
        {
            await EverythingAsync();
            var (seen, lost) = (0, at);
            Vault.Network.LosesAnswer = request => Interlocked.Increment(ref seen) == lost;
            await EraseAsync();
            Vault.Network.LosesAnswer = _ => false;
            count = Math.Max(count, seen);
            await TellAsync();
            Assert.Equal(["!u"], (await RowsAsync()).Select(row => row.RowKey));
        }
    }

    [Fact]
    public async Task Eight_erasures_and_eight_revocations_at_once_leave_nothing_and_tell_the_provider_once()
    {
        var grant = await GrantAsync();
        var owner = await Vault.OwnerAsync();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(n => n % 2 == 0
            ? (Task)Vault.Erasure.RunAsync(owner, Cancellation)
            : Vault.Revocation.RevokeAsync(grant, Cancellation)));
        await EraseAsync();
        await TellAsync();

        Assert.Single(Provider.Revocations);
        Assert.Equal(["!u"], (await RowsAsync()).Select(row => row.RowKey));
    }

    [Fact]
    public async Task A_refresh_under_way_gives_its_token_back_and_leaves_no_row()
    {
        var grant = await GrantAsync(draft => draft.CreatedAt = Time.GetUtcNow().AddHours(-2));
        Provider.BeforeAnswer = async request =>
        {
            if (request.RefreshToken is not null)
            {
                await EraseAsync();
                await TellAsync();
            }
        };

        var outcome = await Vault.Refresher.RefreshAsync(grant, Vault.App.Providers["erp"]);

        Assert.IsType<GrantRevoked>(Refused(outcome));
        Assert.Equal(["!u"], (await RowsAsync()).Select(row => row.RowKey));
        Assert.Equal(2, Provider.Revocations.Count); // The token it presented, then the one it got.
    }

    [Fact]
    public async Task A_note_of_a_call_under_way_goes_with_the_users_row_after_a_day()
    {
        var grant = await GrantAsync();
        await EraseAsync();
        await TellAsync();
        await Vault.Store.NoteUseAsync(grant);
        var mark = Assert.Single(await RowsAsync(), row => row.RowKey == "!u");

        await Vault.Store.DropStrayNotesAsync(mark.PartitionKey, Cancellation);

        Assert.Equal(["!u"], (await RowsAsync()).Select(row => row.RowKey));
    }

    // A grant of each kind, with everything that can lie beside them.
    private async Task<IReadOnlyList<Grant>> EverythingAsync()
    {
        var active = await GrantAsync(draft =>
        {
            draft.Account = $"{A.Unique()}@example.com";
            draft.Change = grant => grant with { DueAt = Time.GetUtcNow().AddHours(1) };
        });
        var other = await GrantAsync(draft => (draft.Provider, draft.Account) = ("crm", $"{A.Unique()}@example.com"));
        var ended = await GrantAsync(draft =>
        {
            draft.Account = $"{A.Unique()}@example.com";
            draft.Change = grant => grant.Refused("invalid_grant", Time.GetUtcNow());
        });
        var tombstone = await GrantAsync(draft =>
        {
            draft.Account = $"{A.Unique()}@example.com";
            draft.Change = grant => grant.Ended(GrantStatus.Revoked, null, Time.GetUtcNow()) with { Key = grant.Key with { Row = $"~g|{grant.Id:D}" }, RevocationToken = null, DueAt = null };
        });
        await Vault.Store.NoteUseAsync(active);
        return [active, other, ended, tombstone];
    }

    private async Task<ErasedUser> EraseAsync()
    {
        var erased = await Vault.Erasure.RunAsync(await Vault.OwnerAsync(), Cancellation);
        Assert.NotNull(erased);
        return erased;
    }

    // What the queue does with the messages, or the due rows where they got lost.
    private async Task TellAsync()
    {
        foreach (var row in (await RowsAsync()).Where(GrantRow.IsGrant))
        {
            await Vault.AtProvider.RunAsync(GrantRevocation.MessageFor(GrantRow.Read(row)), Cancellation);
        }
    }

    private Task<List<TableEntity>> RowsAsync() => AllAsync(Rows, (row, owner) => row.PartitionKey == owner.Partition);

    private Task<List<TableEntity>> IndexedAsync() => AllAsync(accounts, (row, owner) => row.GetString("gpk") == owner.Partition);

    private Task<List<TableEntity>> DueAsync() => AllAsync(dueRows, (row, owner) => row.GetString("gpk") == owner.Partition);

    private async Task<List<TableEntity>> AllAsync(TableClient table, Func<TableEntity, GrantOwner, bool> fits)
    {
        var owner = await Vault.OwnerAsync();
        var rows = new List<TableEntity>();
        await foreach (var row in table.QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            if (fits(row, owner))
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    private static Refusal Refused<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.False(outcome.Succeeded(out _, out var refusal));
        return refusal;
    }
}
