namespace Alter.Start;

/// <summary>Where the four servers listen. All are known as <c>localhost</c>: redirect URIs and cookies hang on the name.</summary>
internal sealed record QuickstartPorts(int Vault, int Shop, int IdentityProvider, int Calendar)
{
    /// <summary>Those that redirect URIs, documents and the documentation name.</summary>
    public static QuickstartPorts Fixed { get; } = new(7071, 7072, 7073, 7074);

    public IReadOnlyList<(string Name, int Port)> All => [("vault", Vault), ("shop", Shop), ("identity provider", IdentityProvider), ("calendar", Calendar)];

    public Uri VaultUrl => Url(Vault);

    public Uri ShopUrl => Url(Shop);

    public Uri IdentityProviderUrl => Url(IdentityProvider);

    public Uri CalendarUrl => Url(Calendar);

    public static QuickstartPorts Free() => LocalPorts.Free(4) is [var vault, var shop, var identityProvider, var calendar]
        ? new QuickstartPorts(vault, shop, identityProvider, calendar)
        : throw new InvalidOperationException("Four ports were asked for.");

    private static Uri Url(int port) => new($"http://localhost:{port}/");
}
