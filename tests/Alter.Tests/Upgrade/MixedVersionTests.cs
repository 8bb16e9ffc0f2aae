using Alter.Connect;
using Alter.Grants;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Upgrade;

/// <summary>This version over storage that others write to as well: rows of version 1, and what a later one may have put beside what this one knows.</summary>
public sealed class MixedVersionTests(OwnAzurite azurite) : IClassFixture<OwnAzurite>, IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(Version1.Now);
    private Vault vault = null!;
    private Version1 fixture = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        fixture = await Version1.ReadAsync();
        vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App("shop")) { Time = time, Keys = new FakeKeySource(Version1.Key) });
        await vault.Tables.EnsureAsync(Cancellation);
        foreach (var table in new[] { "grants", "connect", "due", "accounts", "jobs", "revocations" })
        {
            foreach (var row in fixture.Rows(table))
            {
                await azurite.Table(table).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancellation);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        vault.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_session_and_its_flows_are_found_by_their_tokens()
    {
        var session = Value(await vault.Sessions.FindAsync(await vault.ConnectTokens.ReadSessionAsync(fixture.Text("tokens", "session"), Cancellation), Cancellation));
        Assert.Equal(("Ada", "7", BrowserProof.Complete, "https://idp.acme.com"), (session.Details.UserLabel, session.Details.Metadata["order"], session.Details.Proof, session.Details.SignInAt!.Issuer));
        Assert.Equal((new string('f', 64), ConnectMode.Popup, true), (session.Claims["erp"].Flow, session.LastReturn!.Mode, session.LastReturn.HasConnected));
        Assert.Equal(["orders.read"], session.RequiredScopes["erp"]);

        var flow = Value(await vault.Flows.FindAsync(await vault.ConnectTokens.ReadStateAsync(fixture.Text("tokens", "flow"), Cancellation), Cancellation));
        Assert.Equal((session.Key, "verifier"), (flow.Session, flow.Secrets.CodeVerifier));
        Assert.True(flow.Secrets is { RedirectUri: null, PageOrigin: null, SignIn: null }); // As an earlier build of this version stored it.

        var signIn = Value(await vault.Flows.FindAsync(await vault.ConnectTokens.ReadStateAsync(fixture.Text("tokens", "sign_in"), Cancellation), Cancellation));
        Assert.Equal((SignInAttempt.Interactive, "https://vault.acme.com/oauth/signin/shop/people"), (signIn.Secrets.SignIn!.Attempt, signIn.Secrets.RedirectUri!.AbsoluteUri));
    }

    [Fact]
    public async Task A_session_that_this_version_wrote_over_keeps_what_was_sealed_in_it()
    {
        var key = await vault.ConnectTokens.ReadSessionAsync(fixture.Text("tokens", "session"), Cancellation);
        var session = Value(await vault.Sessions.FindAsync(key, Cancellation));

        Assert.NotNull(await vault.Sessions.TryReplaceAsync(session with { ClosedAt = time.GetUtcNow() }, Cancellation));

        Assert.Equal("Ada", Value(await vault.Sessions.FindAsync(key, Cancellation)).Details.UserLabel);
    }

    [Fact]
    public async Task How_far_periodic_work_has_come_is_known()
    {
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 3, 0, 0, TimeSpan.Zero), (await vault.Marks.ReadAsync("sweep", Cancellation)).DueAt);
        var progress = (await vault.Rewraps.FindAsync(Cancellation))!;
        Assert.Equal((Version1.Key.Version, 3), (progress.Version, progress.Last!.Rows[Version1.Key.Version].Met));
    }

    [Fact]
    public async Task A_column_of_a_later_version_changes_nothing_and_goes_with_the_next_whole_write()
    {
        await AddAsync("later", "of a later version");
        var grant = await ReadAsync();
        Assert.True(grant.IsAuthentic(Version1.Key));

        var other = A.Key();
        Assert.True(await vault.Store.TryRewrapAsync(grant.TryRewrap(Version1.Key, other)!, Cancellation));
        Assert.Equal("of a later version", (await RowAsync()).GetString("later")); // A re-wrap is merged.

        Assert.NotNull(await vault.Store.TryReplaceAsync(await ReadAsync(), Cancellation));
        Assert.False((await RowAsync()).ContainsKey("later"));
    }

    [Theory]
    [InlineData("status", "frozen")]
    [InlineData("status", "Active")]
    public async Task A_status_of_a_later_version_releases_nothing(string column, string value)
    {
        await AddAsync(column, value);

        Assert.IsType<CredentialRevoked>((await ReadAsync()).RefusalAt(time.GetUtcNow()));
    }

    [Fact]
    public async Task Bytes_of_a_later_format_do_not_open_and_are_not_taken_for_anything_else()
    {
        var sealedToken = (await RowAsync()).GetBinary("at");
        sealedToken[0] = 2;
        await AddAsync("at", sealedToken);

        var grant = await ReadAsync();

        Assert.False(grant.IsAuthentic(Version1.Key));
        Assert.False(grant.Secrets.TryOpenAccessToken(Version1.Key, grant.Place, grant.Generation, out _));
    }

    [Fact]
    public void A_message_with_a_member_more_is_read_and_one_of_a_later_version_is_left()
    {
        var text = fixture.Text("queues", "due");

        Assert.Equal(GrantMessage.Parse(text), GrantMessage.Parse(text[..^1] + ",\"later\":{\"a\":1}}"));
        Assert.Null(GrantMessage.Parse(text.Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_message_of_a_kind_that_this_version_does_not_know_does_nothing_to_a_grant()
    {
        var before = await RowAsync();
        var message = GrantMessage.Parse(fixture.Text("queues", "lease"))! with { Kind = "later" };

        await vault.DueGrants.RunAsync(message, 1, Cancellation);

        Assert.Equal(before.ETag, (await RowAsync()).ETag);
    }

    [Fact]
    public async Task Rows_of_a_kind_that_this_version_does_not_know_are_left_where_they_are()
    {
        var grant = await ReadAsync();
        await azurite.Table("grants").UpsertEntityAsync(new TableEntity(grant.Key.Partition, "~z|later") { ["uh"] = grant.Place.UserHash }, TableUpdateMode.Replace, Cancellation);

        time.Advance(TimeSpan.FromDays(2));
        await vault.Sweep.RunAsync(Cancellation);

        Assert.DoesNotContain(await azurite.Table("grants").QueryAsync<TableEntity>(cancellationToken: Cancellation).ToListAsync(Cancellation), row => row.RowKey.StartsWith("~s|", StringComparison.Ordinal)); // It was there.
        Assert.Contains(grant.Id, (await vault.Store.ListAllAsync(new GrantOwner(grant.Place.App, grant.Place.UserHash), Cancellation)).Grants.Select(found => found.Id));
        Assert.True((await azurite.Table("grants").GetEntityIfExistsAsync<TableEntity>(grant.Key.Partition, "~z|later", cancellationToken: Cancellation)).HasValue);
    }

    private async Task<TableEntity> RowAsync()
    {
        var row = fixture.Row("grants", "erp|");
        return await azurite.Table("grants").GetEntityAsync<TableEntity>(row.PartitionKey, row.RowKey, cancellationToken: Cancellation);
    }

    private async Task<Grant> ReadAsync() => GrantRow.Read(await RowAsync());

    private async Task AddAsync(string column, object value)
    {
        var row = await RowAsync();
        row[column] = value;
        await azurite.Table("grants").UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);
    }

    private static T Value<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Succeeded(out var value, out var refusal), refusal?.ToString());
        return value;
    }
}
