using System.Text.Json;
using Alter.Grants;
using Alter.Keys;
using Alter.Testing;
using Alter.Tokens;

namespace Alter.Tests.Tokens;

public sealed class SealedSecretsTests
{
    private static readonly KeyEncryptionKey Key = A.Key();
    private static readonly Grant Grant = A.Grant(Key, draft =>
    {
        draft.Access = "the-access-token";
        draft.Refresh = "the-refresh-token";
        draft.Generation = 7;
    });

    public static TheoryData<string, Func<SealedPlace, SealedPlace>> OtherPlaces => new()
    {
        { "app", place => place with { App = "crm" } },
        { "user", place => place with { UserHash = new string('b', 64) } },
        { "grant", place => place with { GrantId = Guid.NewGuid() } },
        { "provider", place => place with { Provider = "evil" } },
        { "account", place => place with { AccountKey = "other" } },
        { "parameters", place => place with { EndpointParameters = "subdomain=evil" } },
        { "moved", place => place with { Provider = place.Provider + place.AccountKey, AccountKey = "" } },
    };

    [Fact]
    public void In_its_place_everything_opens()
    {
        Assert.True(Grant.Secrets.TryOpenAccessToken(Key, Grant.Place, 7, out var access));
        Assert.True(Grant.Secrets.TryOpenRefreshToken(Key, Grant.Place, 7, out var refresh));
        Assert.Equal(("the-access-token", "the-refresh-token"), (access.Reveal(), refresh.Reveal()));
        Assert.Equal("ada@example.com", Grant.Secrets.TryOpenProfile(Key, Grant.Place, 7)?.Identifier);
    }

    [Theory]
    [MemberData(nameof(OtherPlaces), DisableDiscoveryEnumeration = true)]
    public void In_another_place_nothing_opens(string what, Func<SealedPlace, SealedPlace> move)
    {
        Assert.NotEmpty(what);
        AssertClosed(Grant.Secrets, move(Grant.Place), 7, Key);
    }

    [Fact]
    public void Under_another_generation_or_key_nothing_opens()
    {
        AssertClosed(Grant.Secrets, Grant.Place, 6, Key);
        AssertClosed(Grant.Secrets, Grant.Place, 8, Key);
        AssertClosed(Grant.Secrets, Grant.Place, 7, A.Key());
    }

    [Fact]
    public void Access_and_refresh_token_cannot_change_places()
    {
        var swapped = Grant.Secrets with { AccessToken = Grant.Secrets.RefreshToken, RefreshToken = Grant.Secrets.AccessToken };
        AssertTokensClosed(swapped, Grant.Place, 7, Key);
        AssertTokensClosed(Grant.Secrets with { AccessToken = Grant.Secrets.Profile, RefreshToken = Grant.Secrets.DataKey }, Grant.Place, 7, Key);
        Assert.Null((Grant.Secrets with { Profile = Grant.Secrets.AccessToken! }).TryOpenProfile(Key, Grant.Place, 7));
    }

    [Fact]
    public void The_tokens_of_one_grant_do_not_open_with_the_data_key_of_another()
    {
        var other = A.Grant(Key);

        AssertTokensClosed(Grant.Secrets with { DataKey = other.Secrets.DataKey }, Grant.Place, 7, Key);
        AssertTokensClosed(other.Secrets with { AccessToken = Grant.Secrets.AccessToken, RefreshToken = Grant.Secrets.RefreshToken }, other.Place, 1, Key);
    }

    [Fact]
    public void No_byte_of_any_field_can_be_changed()
    {
        var secrets = Grant.Secrets;
        foreach (var at in Enumerable.Range(0, secrets.DataKey.Length))
        {
            AssertClosed(secrets with { DataKey = Flipped(secrets.DataKey, at) }, Grant.Place, 7, Key);
        }

        foreach (var at in Enumerable.Range(0, secrets.AccessToken!.Length))
        {
            Assert.False((secrets with { AccessToken = Flipped(secrets.AccessToken, at) }).TryOpenAccessToken(Key, Grant.Place, 7, out _));
        }

        foreach (var at in Enumerable.Range(0, secrets.RefreshToken!.Length))
        {
            Assert.False((secrets with { RefreshToken = Flipped(secrets.RefreshToken, at) }).TryOpenRefreshToken(Key, Grant.Place, 7, out _));
        }

        foreach (var at in Enumerable.Range(0, secrets.Profile.Length))
        {
            Assert.Null((secrets with { Profile = Flipped(secrets.Profile, at) }).TryOpenProfile(Key, Grant.Place, 7));
        }
    }

    [Fact]
    public void Nothing_that_holds_a_secret_prints_it()
    {
        Assert.True(AccessToken.TryParse("the-access-token", out var access));
        Assert.True(RefreshToken.TryParse("the-refresh-token", out var refresh));
        var open = new OpenSecrets(access, refresh, new AccountProfile("id", "ada@example.com", "Ada Lovelace", null));
        var answered = new TokenSet(access, refresh, null, null, "id.to.ken");

        var printed = $"{access} {refresh} {open} {answered} {Grant.Secrets} {JsonSerializer.Serialize(access)} {JsonSerializer.Serialize(refresh)}";

        Assert.Equal("[access token] [refresh token] [open secrets] [token set] " + $"[sealed under {Key.Version}] {{}} {{}}", printed);
        Assert.DoesNotContain("-token\"", JsonSerializer.Serialize(open), StringComparison.Ordinal);
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var flipped = bytes.ToArray();
        flipped[at] ^= 0x40;
        return flipped;
    }

    private static void AssertClosed(SealedSecrets secrets, SealedPlace place, int generation, KeyEncryptionKey key)
    {
        AssertTokensClosed(secrets, place, generation, key);
        Assert.Null(secrets.TryOpenProfile(key, place, generation));
    }

    private static void AssertTokensClosed(SealedSecrets secrets, SealedPlace place, int generation, KeyEncryptionKey key)
    {
        Assert.False(secrets.TryOpenAccessToken(key, place, generation, out _));
        Assert.False(secrets.TryOpenRefreshToken(key, place, generation, out _));
    }
}
