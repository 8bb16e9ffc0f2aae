using Alter.Apps;
using Alter.Grants;
using Alter.Refresh;
using Alter.Testing;

namespace Alter.Tests.Refresh;

/// <summary>One vault on the real clock, because the provider answers on it; its grants' access tokens are past their end.</summary>
public abstract class RefreshFixture(OwnAzurite azurite) : IAsyncLifetime
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected OwnAzurite Azurite => azurite;

    protected FakeProvider Provider { get; private set; } = null!;

    protected Vault Vault { get; private set; } = null!;

    protected FakeKeySource KeySource { get; } = new(A.Key());

    protected AppProvider Erp => Vault.App.Providers["erp"];

    protected virtual TimeProvider Time => TimeProvider.System;

    /// <summary>Short enough to wait for its end.</summary>
    protected virtual RefreshOptions Options => RefreshOptions.Default;

    public async ValueTask InitializeAsync()
    {
        Provider = await FakeProvider.StartAsync();
        Vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(A.AppId(), A.Provider(Provider))) { Time = Time, Keys = KeySource, Refresh = Options });
    }

    public async ValueTask DisposeAsync()
    {
        Vault.Dispose();
        await Provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected Task<Grant> StaleAsync(Func<Grant, Grant>? change = null) => Vault.GrantAsync(draft =>
    {
        (draft.Access, draft.Refresh) = Provider.Issue(draft.Account);
        draft.CreatedAt = Time.GetUtcNow().AddHours(-2);
        draft.Change = change ?? draft.Change;
    });

    /// <summary>What Connect does to the row: new tokens, the next generation, no lease.</summary>
    protected async Task<Grant> ReconsentAsync(Grant grant)
    {
        var key = await Vault.Ring.CurrentAsync(Cancellation);
        var (access, refresh) = Provider.Issue("ada@example.com");
        Assert.True(Alter.Tokens.AccessToken.TryParse(access, out var accessToken));
        Assert.True(Alter.Tokens.RefreshToken.TryParse(refresh, out var refreshToken));
        while (true)
        {
            var row = await Vault.ReadAsync(grant);
            var profile = row.Secrets.TryOpenProfile(key, row.Place, row.Generation)!;
            var renewed = row with
            {
                Generation = row.Generation + 1,
                Lease = null,
                AccessTokenExpiresAt = Time.GetUtcNow().AddHours(1),
                Secrets = Alter.Tokens.SealedSecrets.Seal(key, row.Place, row.Generation + 1, new(accessToken, refreshToken, profile)),
            };
            if (await Vault.Store.TryReplaceAsync(renewed.Authenticated(key), Cancellation) is { } stored)
            {
                return stored;
            }
        }
    }

    protected static Grant Refreshed(Outcome<Grant> outcome)
    {
        Assert.True(outcome.Succeeded(out var grant, out var refusal), refusal?.ToString());
        return grant;
    }

    protected static Refusal Refused(Outcome<Grant> outcome)
    {
        Assert.False(outcome.Succeeded(out _, out var refusal));
        return refusal;
    }
}
