using System.Web;
using Alter.Connect;
using Alter.Grants;
using Alter.Providers;
using Alter.Testing;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Connect;

/// <summary>One vault and one provider, used as plain OAuth ("erp") and as OpenID provider that promises <c>iss</c> ("oidc").</summary>
public abstract class ConnectFixture(SharedAzurite azurite) : IAsyncLifetime
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Begins now, for the provider's id tokens are of now.
    protected FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    protected FakeProvider Provider { get; private set; } = null!;

    protected FakeKeySource Keys { get; } = new(A.Key());

    protected Vault Vault { get; private set; } = null!;

    protected SharedAzurite Azurite => azurite;

    protected string Storage => azurite.ConnectionString;

    protected TableClient Rows => azurite.Table("connect");

    protected TableClient GrantRows => azurite.Table("grants");

    public async ValueTask InitializeAsync()
    {
        Provider = await FakeProvider.StartAsync();
        var oidc = A.Provider(Provider, "oidc", definition => definition with
        {
            JwksUri = new Uri($"{Provider.Issuer}/keys"),
            Account = new AccountDefinition(),
            AuthorizationResponseIssParameterSupported = true,
        }) with { Scopes = ["openid", "email"], RequiredScopes = [] };
        Vault = new Vault(new VaultSetup(azurite.ConnectionString, A.App(A.AppId(), A.Provider(Provider), oidc)) { Time = Time, Keys = Keys });
    }

    public async ValueTask DisposeAsync()
    {
        Vault.Dispose();
        await Provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task<string> SessionAsync(params string[] providers)
    {
        var request = new ConnectSessionRequest { AllowedProviders = providers.Length > 0 ? providers : ["erp"], ReturnUrl = "https://shop.acme.com/connected?tab=1" };
        Assert.True((await Vault.Minting.MintAsync(Vault.App, Vault.User(), "Ada", request, Cancellation)).Succeeded(out var created, out var refusal), refusal?.Detail);
        return created.SessionToken;
    }

    protected async Task<AuthorizationRedirect> AuthorizeAsync(string session, string provider = "erp", string? cookie = null)
    {
        Assert.True((await Vault.Authorize.RunAsync(new ConnectChoice(session, provider, ConnectMode.Popup), new ConnectBrowser(cookie), Cancellation)).Succeeded(out var redirect, out var refusal), refusal?.Detail);
        return redirect;
    }

    protected Task<Outcome<string>> FinishAsync(CallbackParameters response, string? cookie, string provider = "erp", Vault? vault = null) =>
        (vault ?? Vault).Finish.RunAsync(Vault.App.Id, provider, response, new ConnectBrowser(cookie), Cancellation);

    /// <summary>What the browser brings back after a yes.</summary>
    protected CallbackParameters Consented(AuthorizationRedirect redirect, string account = "ada@example.com")
    {
        var answer = Provider.Consent(redirect.AuthorizationUrl, account);
        return new CallbackParameters(answer["code"], answer["state"], answer["iss"], null, null);
    }

    protected static string StateOf(AuthorizationRedirect redirect) => HttpUtility.ParseQueryString(new Uri(redirect.AuthorizationUrl).Query)["state"]!;

    /// <summary>Session, consent and finish in one go.</summary>
    protected async Task<Grant> ConnectedAsync(string provider = "erp", string account = "ada@example.com")
    {
        var redirect = await AuthorizeAsync(await SessionAsync(provider), provider);
        Assert.True((await FinishAsync(Consented(redirect, account), redirect.Cookie, provider)).Succeeded(out _, out var refusal), refusal?.Code);
        return (await GrantsAsync()).Where(grant => grant.Place.Provider == provider && grant.Key.Row[0] != '~').MaxBy(grant => grant.CreatedAt)!;
    }

    protected async Task<IReadOnlyList<Grant>> GrantsAsync() => (await Vault.Store.ListAllAsync(await Vault.OwnerAsync(), Cancellation)).Grants;

    protected async Task<ConnectStatusView> StatusAsync(string session) => (await Vault.Status.RunAsync(session, Cancellation)).View;

    protected static Refusal Refused<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.False(outcome.Succeeded(out _, out var refusal), "It was not refused.");
        return refusal;
    }

    protected async Task EditAsync(ConnectKey key, string column, Func<object?, object?> edit)
    {
        var row = (await Rows.GetEntityAsync<TableEntity>(key.Partition, key.Row, cancellationToken: Cancellation)).Value;
        row[column] = edit(row.TryGetValue(column, out var old) ? old : null);
        await Rows.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);
    }
}
