using System.Security.Cryptography;
using Alter.Apps;
using Alter.Grants;
using Alter.Keys;
using Alter.Providers;
using Alter.Storage;
using Alter.Tokens;
using Azure.Core.Pipeline;

namespace Alter.Testing;

/// <summary>Ordinary things, to be changed in the one respect a test is about: <c>A.Provider(fake) with { … }</c>.</summary>
public static class A
{
    /// <summary>The setting of <see cref="Provider"/>'s client secret is <c>ALTER_SECRET_SHOP_ERP</c>.</summary>
    public const string ClientSecretName = "shop-erp";

    /// <summary>Its value; it needs form-encoding.</summary>
    public const string ClientSecret = "s3cret+/ &%";

    /// <summary>An id no other test has, so that tests share storage without meeting.</summary>
    public static string AppId() => $"app-{Unique()}";

    /// <summary>The vault's storage in Azurite, which everybody shares and may wait for.</summary>
    /// <param name="connectionString">Azurite's.</param>
    /// <param name="network">A bad one.</param>
    public static AlterStorageOptions Storage(string connectionString, HttpPipelineTransport? network = null) =>
        new(connectionString, null, null, null) { Transport = network, NetworkTimeout = TimeSpan.FromSeconds(30) };

    /// <summary>A new key-encryption key.</summary>
    public static KeyEncryptionKey Key() =>
        new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    /// <summary>An app with these providers; its only key cannot be guessed, because there is none.</summary>
    public static AppConfiguration App(string id, params AppProvider[] providers) => new()
    {
        Id = id,
        Name = "Acme Shop",
        WebsiteUrl = new Uri("https://shop.acme.com"),
        Keys = [],
        IdentityProviders = [],
        Origins = ["https://shop.acme.com", "https://admin.acme.com"],
        ReturnUrls = [new Uri("https://shop.acme.com/connected")],
        Providers = providers.ToDictionary(provider => provider.Definition.Id),
    };

    /// <summary>The fake provider as app "shop" uses it.</summary>
    public static AppProvider Provider(FakeProvider fake, string id = "erp", Func<ProviderDefinition, ProviderDefinition>? change = null)
    {
        ArgumentNullException.ThrowIfNull(fake);
        var definition = new ProviderDefinition
        {
            Id = id,
            Name = "Acme ERP",
            Issuer = fake.Issuer,
            AuthorizationEndpoint = new Uri($"{fake.Issuer}/authorize"),
            TokenEndpoint = new Uri($"{fake.Issuer}/token"),
            RevocationEndpoint = new Uri($"{fake.Issuer}/revoke"),
            ApiHosts = ["127.0.0.1"],
            Account = new AccountDefinition { Url = new Uri($"{fake.Issuer}/account"), Id = "id" },
            AllowInsecureLocal = true,
        };
        return new AppProvider(change?.Invoke(definition) ?? definition, "shop client", ClientSecretName, ["orders.read", "orders.write"], ["orders.read"]);
    }

    /// <summary>An active grant of an hour, sealed and authenticated, not stored.</summary>
    public static Grant Grant(KeyEncryptionKey key, Action<GrantDraft>? change = null)
    {
        var draft = new GrantDraft();
        change?.Invoke(draft);
        return draft.Build(key);
    }

    /// <summary>Eight hex digits nobody else has.</summary>
    public static string Unique() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
}
