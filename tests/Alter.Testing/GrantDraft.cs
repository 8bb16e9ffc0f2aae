using Alter.Grants;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;

namespace Alter.Testing;

/// <summary>What <see cref="A.Grant"/> makes a grant of.</summary>
public sealed class GrantDraft
{
    public GrantOwner Owner { get; set; } = new("shop", new string('a', 64));

    public string Provider { get; set; } = "erp";

    public string AccountKey { get; set; } = "account";

    public string ClientAccountKey { get; set; } = "client-account";

    public string Account { get; set; } = "ada@example.com";

    public string Access { get; set; } = "access";

    public string? Refresh { get; set; } = "refresh";

    public int Generation { get; set; } = 1;

    public DateTimeOffset CreatedAt { get; set; } = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public TimeSpan? AccessTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Its last word, before the row is authenticated.</summary>
    public Func<Grant, Grant> Change { get; set; } = grant => grant;

    internal Grant Build(KeyEncryptionKey key)
    {
        var place = new SealedPlace(Owner.App, Owner.Hash, GrantId.New(Owner), Provider, AccountKey, "");
        var access = AccessToken.TryParse(Access, out var parsed) ? parsed : throw new InvalidOperationException("No access token.");
        var profile = new AccountProfile($"id-{Account}", Account, "Ada Lovelace", Account);
        var secrets = new OpenSecrets(access, RefreshToken.TryParse(Refresh, out var refresh) ? refresh : null, profile);
        var grant = new Grant
        {
            Key = new GrantKey(Owner.Partition, $"{Provider}|{AccountKey}"),
            Place = place,
            Status = GrantStatus.Active,
            Generation = Generation,
            Secrets = SealedSecrets.Seal(key, place, Generation, secrets),
            AccessTokenExpiresAt = CreatedAt + AccessTokenLifetime,
            AccessTokenLifetime = AccessTokenLifetime,
            Scopes = ["orders.read", "orders.write"],
            CreatedAt = CreatedAt,
            ClientAccountKey = ClientAccountKey,
        };
        return Change(grant).Authenticated(key);
    }
}
