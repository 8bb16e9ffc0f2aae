using Alter.Apps;
using Alter.Connect;
using Alter.Identity;

namespace Alter.Wallet;

/// <summary>Where people can sign in to the Wallet: a row of its chooser.</summary>
/// <param name="IdentityProvider">Its id in the document.</param>
/// <param name="Issuer">The concrete issuer.</param>
/// <param name="Apps">Whose users sign in there; what people know the place by.</param>
public sealed record WalletPlace(string IdentityProvider, string Issuer, IReadOnlyList<WalletPlace.App> Apps)
{
    /// <summary>One of the apps.</summary>
    /// <param name="Name">What people call it.</param>
    /// <param name="Logo">The address of its logo on this vault; null: it has none.</param>
    public sealed record App(string Name, string? Logo);
}

/// <summary>The sign-ins of the document.</summary>
public sealed class WalletPlaces(ConfigurationSource configuration)
{
    /// <summary>Every issuer of an app where the vault has a client of its own; empty where the document has none or cannot be read.</summary>
    public IReadOnlyList<WalletPlace> List() => configuration.Current is { } vault ? Of(vault) : [];

    private static IReadOnlyList<WalletPlace> Of(VaultConfiguration vault) =>
    [
        .. from app in vault.Apps.Values
           orderby app.Name
           from issuer in ConcreteIssuer.Of(app)
           where issuer.Provider.SignIn is not null
           group app by (issuer.Provider.Id, issuer.Issuer) into place
           select new WalletPlace(
               place.Key.Id,
               place.Key.Issuer,
               [.. place.Select(app => new WalletPlace.App(app.Name, app.Branding.Logo is null ? null : AssetPaths.AppLogo(app.Id)))]),
    ];

    /// <summary>The vault's client at a place; null where the document has no such place.</summary>
    internal static SignInProvider? Find(VaultConfiguration vault, string identityProvider, string? issuer) =>
        Issuers(vault).FirstOrDefault(one => one.Provider.Id == identityProvider && (issuer is null || one.Issuer == issuer)) is { } found
            ? SignInProvider.Of(found, $"the sign-in {identityProvider}")
            : null;

    /// <summary>Every identity provider of an app under one issuer.</summary>
    internal static IEnumerable<ConcreteIssuer> Under(VaultConfiguration vault, string issuer) =>
        Issuers(vault).Where(one => one.Issuer == issuer).DistinctBy(one => one.Provider.Id);

    private static IEnumerable<ConcreteIssuer> Issuers(VaultConfiguration vault) => vault.Apps.Values.SelectMany(ConcreteIssuer.Of);
}
