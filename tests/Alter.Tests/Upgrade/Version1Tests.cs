using System.Text.Json;
using Alter.Audit;
using Alter.Connect;
using Alter.Grants;
using Alter.Refresh;
using Alter.Storage;
using Alter.Storage.Wire;
using Azure.Data.Tables;

namespace Alter.Tests.Upgrade;

/// <summary>While versions are mixed each reads what the other writes. What this one writes is pinned here, so the next one is held to it.</summary>
public sealed class Version1Tests
{
    [Fact]
    public async Task A_grant_is_authentic_opens_and_is_written_as_it_was_read()
    {
        var row = (await Version1.ReadAsync()).Row("grants", "erp|");
        var grant = GrantRow.Read(row);

        Assert.True(grant.IsAuthentic(Version1.Key));
        Assert.Equal((GrantStatus.Active, 3, 1, "provider_timeout"), (grant.Status, grant.Generation, grant.Fails, grant.LastError));
        Assert.Equal(["orders.read", "calendar+read"], grant.Scopes);
        Assert.Equal((TimeSpan.FromHours(1), 3), (grant.AccessTokenLifetime, grant.Lease!.Generation));
        Assert.True(grant.Secrets.TryOpenAccessToken(Version1.Key, grant.Place, 3, out var access));
        Assert.True(grant.Secrets.TryOpenRefreshToken(Version1.Key, grant.Place, 3, out var refresh));
        Assert.Equal(("access-3", "refresh-3", "Ada Lovelace"), (access.Reveal(), refresh.Reveal(), grant.Secrets.TryOpenProfile(Version1.Key, grant.Place, 3)!.DisplayName));
        Assert.Equal(Lines(row), Lines(GrantRow.From(grant.Authenticated(Version1.Key), row.GetString("op"))));
    }

    [Fact]
    public async Task A_revoked_grant_is_told_with_the_token_it_kept()
    {
        var row = (await Version1.ReadAsync()).Row("grants", "~g|");
        var grant = GrantRow.Read(row);

        Assert.True(GrantRow.IsTombstone(row));
        Assert.Equal((GrantStatus.Revoked, false), (grant.Status, grant.RevocationToken!.IsAccessToken));
        Assert.True((grant.Secrets with { RefreshToken = grant.RevocationToken.Sealed }).TryOpenRefreshToken(Version1.Key, grant.Place, 1, out var refresh));
        Assert.Equal("refresh-1", refresh.Reveal());
        Assert.Equal(Lines(row), Lines(GrantRow.From(grant, row.GetString("op"))));
    }

    [Fact]
    public async Task A_grant_that_waits_is_authentic_and_still_waits()
    {
        var row = (await Version1.ReadAsync()).Row("grants", "~p|");
        var grant = GrantRow.Read(row);

        Assert.True(grant.IsAuthentic(Version1.Key));
        Assert.Equal((GrantStatus.Pending, new string('e', 64)), (grant.StatusAt(Version1.Now), grant.Browser));
        Assert.Equal(Lines(row), Lines(GrantRow.From(grant.Authenticated(Version1.Key), row.GetString("op"))));
    }

    [Fact]
    public async Task What_lies_beside_grants_is_read()
    {
        var fixture = await Version1.ReadAsync();
        var user = UserGrants.From(fixture.Rows("grants"));

        Assert.Equal(2, user.Grants.Count); // The living one, and the tombstone.
        Assert.Single(user.Pending);
        Assert.Single(user.LastUsed);
        Assert.Equal((new string('d', 64), "erp", true), user.Markers.Select(marker => (marker.SessionHash, marker.Provider, marker.IsCreation)).Single());
        Assert.True(user.User.IsErased(Version1.Now.AddMinutes(-6)));
        Assert.All(fixture.Rows("revocations"), mark => Assert.True(RevocationMarks.IsMark(mark)));
        Assert.Equal(32, DeploymentSalt.ValueOf(fixture.Row("jobs", "salt"))!.Length);
        var marker = fixture.Row("grants", "~s|");
        Assert.Equal(Lines(marker), Lines(ConnectMarker.Read(marker)!.ToRow(marker.PartitionKey, marker.GetString("uh"), marker.GetString("op"))));
    }

    [Fact]
    public async Task Messages_are_read_and_written_alike()
    {
        var fixture = await Version1.ReadAsync();

        foreach (var row in fixture.Rows("queues"))
        {
            var text = row.GetString("text");
            var message = GrantMessage.Parse(text)!;

            Assert.Equal(row.RowKey, message.Kind);
            Assert.Equal(text, JsonSerializer.Serialize(message, GrantMessage.Json));
        }
    }

    [Fact]
    public async Task Tokens_that_travel_by_queue_open_for_the_generation_they_were_redeemed_for()
    {
        var fixture = await Version1.ReadAsync();
        var message = GrantMessage.Parse(fixture.Text("queues", "spill"))!;
        var grant = GrantRow.Read(fixture.Row("grants", "erp|"));

        var tokens = SpilledTokens.TryOpen(Version1.Key, grant.Place, grant.Generation + 1, message.Payload!)!.ToTokens()!;

        Assert.Equal((Version1.Key.Version, "access-4", "refresh-4"), (SpilledTokens.KeyVersionOf(message.Payload!), tokens.AccessToken.Reveal(), tokens.RefreshToken!.Value.Reveal()));
        Assert.Null(SpilledTokens.TryOpen(Version1.Key, grant.Place, grant.Generation, message.Payload!));
    }

    [Fact]
    public async Task The_record_is_chained_and_authenticated_alike()
    {
        var fixture = await Version1.ReadAsync();
        var row = fixture.Row("audit202611", "000000000001");
        var entry = AuditRow.Read(row);
        var parsed = AuditEntry.Parse(entry.Text)!;

        Assert.True(AuditChain.AreSame(entry.Chain, AuditChain.Link(row.PartitionKey, 1, entry.Previous, entry.Text)));
        Assert.True(AuditChain.IsAuthentic(Version1.Key, entry.Chain, entry.Mac));
        Assert.Equal((AuditKinds.Grant, GrantEvents.Refreshed, 3), (parsed.Kind, parsed.Outcome, parsed.Generation));
        Assert.Equal(entry.Text, parsed.ToText().ToString());
        Assert.Equal(1, AuditRow.ReadHead(fixture.Row("audit202611", "head"))!.Projected);
        Assert.Equal(Lines(row), Lines(AuditRow.Of(row.PartitionKey, 1, Utf8Text.Of(entry.Text), entry.Previous, entry.Chain, Version1.Key).ToEntity()));
    }

    private static IEnumerable<string> Lines(TableEntity row) => row
        .OrderBy(column => column.Key, StringComparer.Ordinal)
        .Select(column => $"{column.Key} {column.Value.GetType().Name} {(column.Value is byte[] bytes ? Convert.ToBase64String(bytes) : column.Value)}");
}
