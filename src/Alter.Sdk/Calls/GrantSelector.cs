namespace Alter.Sdk;

/// <summary>Which grant a call uses: that of a provider (and, where the user has several, of an account), or one named by its id.</summary>
/// <remarks>A provider's name converts implicitly: <c>await alter.RequestAsync(HttpMethod.Get, url, "google")</c>.</remarks>
public readonly record struct GrantSelector
{
    private GrantSelector(string? providerId, string? account, Guid? grantId)
    {
        ProviderId = providerId;
        Account = account;
        GrantId = grantId;
    }

    /// <summary>Chooses the grant of a single request to a client: <c>request.Options.Set(GrantSelector.Key, …)</c>.</summary>
    public static HttpRequestOptionsKey<GrantSelector> Key { get; } = new("Alter.Grant");

    /// <summary>The provider's id in the vault; null where the grant is named by its id.</summary>
    public string? ProviderId { get; }

    /// <summary>One of the user's accounts at the provider; null: the only one.</summary>
    public string? Account { get; }

    /// <summary>The grant's id; null where the provider is named.</summary>
    public Guid? GrantId { get; }

    /// <summary>Converts a provider's id.</summary>
    public static implicit operator GrantSelector(string provider) => FromString(provider);

    /// <summary>The user's grant of a provider.</summary>
    /// <param name="provider">The provider's id in the vault, such as <c>google</c>.</param>
    /// <param name="account">What <see cref="AmbiguousGrantException.AccountIdentifiers"/> offered; null: the only one.</param>
    public static GrantSelector Provider(string provider, string? account = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(provider);
        return new GrantSelector(provider, string.IsNullOrEmpty(account) ? null : account, null);
    }

    /// <summary>One grant, whatever its provider. Without a user token the app key needs the scope <c>grants:any_user</c>.</summary>
    public static GrantSelector ById(Guid grantId) =>
        grantId == Guid.Empty ? throw new ArgumentException("The empty id names no grant.", nameof(grantId)) : new GrantSelector(null, null, grantId);

    /// <summary>What the implicit conversion does, for languages without it.</summary>
    public static GrantSelector FromString(string provider) => Provider(provider);

    internal void ThrowIfEmpty(string parameter)
    {
        if (ProviderId is null && GrantId is null)
        {
            throw new ArgumentException("Name a provider or a grant id: GrantSelector.Provider or GrantSelector.ById.", parameter);
        }
    }
}
