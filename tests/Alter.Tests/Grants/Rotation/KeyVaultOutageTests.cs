using Alter.Grants;
using Alter.Keys;
using Alter.Testing;
using Alter.Tests.Refresh;

namespace Alter.Tests.Grants.Rotation;

/// <summary>The walk over Key Vault's real client, which stops answering in the middle.</summary>
public sealed class KeyVaultOutageTests(OwnAzurite azurite) : RewrapFixture(azurite)
{
    private FakeKeyVault keyVault = null!;

    protected override IKeySource Keys => new KeyVaultKeySource(keyVault.Client(), FakeKeyVault.Secret);

    public override async ValueTask InitializeAsync()
    {
        keyVault = await FakeKeyVault.StartAsync();
        keyVault.AddKey();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await keyVault.DisposeAsync();
    }

    [Fact]
    public async Task The_walk_pauses_without_losing_its_place_and_the_vault_keeps_serving()
    {
        var grants = await GrantsAsync(3);
        keyVault.AddKey();
        Time.Advance(KeyRing.Lifetime);
        var last = A.Grant(await Vault.Ring.CurrentAsync(Cancellation), draft => (draft.Owner, draft.CreatedAt) = (new GrantOwner("zzz", new string('a', 64)), Time.GetUtcNow()));
        await Rows.AddEntityAsync(GrantRow.From(last, "test"), Cancellation);
        var newest = keyVault.AddKey();
        Time.Advance(KeyRing.Lifetime);
        await NoteAsync();
        using var walking = Vault.Another();
        var notes = 0;
        walking.Network.Before = request =>
        {
            keyVault.IsDown |= FakeNetwork.IsWrite(request, "jobs") && ++notes == 2; // The first page is noted; the last one needs a version not met yet.
            return Task.CompletedTask;
        };

        await Walker(walking).RunAsync(Cancellation);

        var place = (await ProgressAsync()).Running?.Cursor;
        Assert.NotNull(place);
        Assert.All(await Task.WhenAll(grants.Select(grant => TokenAsync(grant))), Assert.NotNull);
        await Walker(walking).RunAsync(Cancellation);
        Assert.Equal(place, (await ProgressAsync()).Running?.Cursor);

        keyVault.IsDown = false;
        await Walker(walking).RunAsync(Cancellation);
        Assert.Equal([newest], (await Task.WhenAll(grants.Append(last).Select(RowAsync))).Select(row => row.GetString("kek")).Distinct());
        Assert.Equal(4, (await ProgressAsync()).Last!.Rows.Values.Sum(rows => rows.Met));
    }
}
