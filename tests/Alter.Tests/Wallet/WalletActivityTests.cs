using System.Text.Json;
using Alter.Audit;
using Alter.Grants;
using Alter.Testing;
using Alter.Wallet;

namespace Alter.Tests.Wallet;

/// <summary>What was done with somebody's accounts, shown to nobody else.</summary>
public sealed class WalletActivityTests(SharedAzurite azurite) : WalletFixture(azurite)
{
    private readonly string caller = $"job-{A.Unique()}";

    [Fact]
    public async Task Everybody_sees_their_own_entries_the_newest_first_by_pages()
    {
        for (var minute = 1; minute <= 3; minute++)
        {
            await NoteAsync(await OwnerAsync(Shop, People), $"{minute}");
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        await NoteAsync(await OwnerAsync(Shop, People, "bob"), "bob's");
        await NoteAsync(await OwnerAsync(Island, Islanders), "of another issuer");
        var session = await SignedInAsync();

        var first = Value(await ListAsync(session, limit: 2));
        var second = Value(await ListAsync(session, limit: 2, after: first.Next));

        Assert.Equal(["3", "2", "1"], first.Entries.Concat(second.Entries).Select(entry => entry.Reason));
        Assert.Null(second.Next);
        Assert.Equal(["3", "2", "1"], Value(await Vault.WalletActivity.ExportAsync(session, Shop.Id, Filter, Cancellation)).Select(entry => entry.Reason));
    }

    [Fact]
    public async Task An_app_that_does_not_know_the_person_and_a_cursor_of_somebody_else_are_refused()
    {
        foreach (var user in (string[])["ada", "bob"])
        {
            await NoteAsync(await OwnerAsync(Shop, People, user), "1");
            Time.Advance(TimeSpan.FromSeconds(1));
            await NoteAsync(await OwnerAsync(Shop, People, user), "2");
        }

        var session = await SignedInAsync();
        var bobs = Value(await ListAsync(await SignedInAsync("bob"), limit: 1)).Next;

        Assert.NotNull(bobs);
        Assert.IsType<InvalidRequest>(Refused(await ListAsync(session, after: bobs)));
        Assert.IsType<InvalidRequest>(Refused(await ListAsync(session, Island.Id)));
        Assert.IsType<InvalidRequest>(Refused(await ListAsync(session, "nobody'")));
        Assert.IsType<InvalidRequest>(Refused(await Vault.WalletActivity.ExportAsync(session, Island.Id, Filter, Cancellation)));
    }

    // Whatever the record itself notes of the grants of these tests has another outcome.
    private static ActivityFilter Filter => new(Outcome: "caller_left");

    private Task<Outcome<ActivityPage>> ListAsync(WalletSession session, string? app = null, int limit = 10, string? after = null) =>
        Vault.WalletActivity.ListAsync(session, new WalletActivityQuery(app ?? Shop.Id, Filter, after, limit), Cancellation);

    private AuditEntry Entry(GrantOwner owner, string reason) => new()
    {
        Kind = AuditKinds.End,
        Id = Guid.NewGuid().ToString("N"),
        At = Time.GetUtcNow(),
        App = owner.App,
        User = owner.Hash,
        Provider = "erp",
        Outcome = "caller_left",
        Caller = caller,
        Reason = reason,
    };

    private async Task NoteAsync(GrantOwner owner, string reason)
    {
        var entry = Entry(owner, reason);
        var table = Vault.Tables.ActivityOf(Alter.Storage.RowKeys.Month(entry.At));
        await table.CreateIfNotExistsAsync(Cancellation);
        await table.AddEntityAsync(ActivityRow.Of(ActivityEntry.Of(entry, JsonSerializer.SerializeToUtf8Bytes($"{entry.ToText()}")), owner.Partition).ToEntity(), Cancellation);
    }
}
