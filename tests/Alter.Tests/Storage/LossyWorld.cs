using System.Web;
using Alter.Apps;
using Alter.Audit;
using Alter.Connect;
using Alter.Grants;
using Alter.Providers;
using Alter.Storage;
using Alter.Testing;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Storage;

/// <summary>A vault over empty tables, one person with a browser, one provider, and the app's own sign-in.</summary>
internal sealed class LossyWorld : IAsyncDisposable
{
    public static readonly string[] Tables = ["grants", "connect", "due", "accounts", "jobs", "outcomes", "revocations"];
    public static readonly string[] Queues = [AlterQueues.Refresh, AlterQueues.Revoke];

    private readonly Dictionary<string, string> cookies = [];
    private string? flowCookie;

    private readonly OwnAzurite azurite;

    private LossyWorld(OwnAzurite azurite, Vault vault, FakeProvider provider, FakeProvider people, FakeTimeProvider time) =>
        (this.azurite, Vault, Provider, People, Time) = (azurite, vault, provider, people, time);

    public Vault Vault { get; }

    public FakeProvider Provider { get; }

    public FakeProvider People { get; }

    public FakeTimeProvider Time { get; }

    public AppProvider Erp => Vault.App.Providers["erp"];

    public ConnectBrowser Browser => new(flowCookie, name => cookies.GetValueOrDefault(name));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<LossyWorld> StartAsync(OwnAzurite azurite, FakeProvider people, LossyPath path, DateTimeOffset now)
    {
        await EmptyAsync(azurite, path.IsFirstUse);
        var time = new FakeTimeProvider(now);
        var provider = await FakeProvider.StartAsync();
        var app = A.App("shop", A.Provider(provider, change: path.Definition)) with
        {
            IdentityProviders =
            [
                new IdentityProviderConfiguration
                {
                    Id = "people",
                    Issuer = people.Issuer,
                    Audiences = ["https://api.acme.com"],
                    AllowInsecureLocal = true,
                    SignIn = new SignInClient("alter", A.ClientSecretName, TokenEndpointAuthMethod.ClientSecretBasic, ["openid"], null),
                },
            ],
        };
        var world = new LossyWorld(azurite, new Vault(new VaultSetup(azurite.ConnectionString, app) { Time = time }), provider, people, time);
        if (!path.IsFirstUse)
        {
            await world.OwnerAsync(); // Tables and salt are there, as for any but the first use.
        }

        return world;
    }

    public UserId User => new(Vault.App.Id, People.Issuer, "sub", "ada");

    public Task<GrantOwner> OwnerAsync() => Vault.Owners.OfAsync(User, Cancellation).AsTask();

    public async Task<string> SessionAsync(string proof = "confirm") => Value(await MintAsync(proof)).SessionToken;

    public Task<Outcome<ConnectSessionCreated>> MintAsync(string proof = "confirm") => Vault.Minting.MintAsync(
        Vault.App, User, "Ada", new ConnectSessionRequest { AllowedProviders = ["erp"], BrowserProof = proof, ReturnUrl = "https://shop.acme.com/connected" }, Cancellation);

    public Task<Outcome<AuthorizationRedirect>> TryAuthorizeAsync(string session) =>
        Vault.Authorize.RunAsync(new ConnectChoice(session, "erp", ConnectMode.Popup), Browser, Cancellation);

    public async Task<string> AuthorizeAsync(string session)
    {
        var redirect = Value(await TryAuthorizeAsync(session));
        flowCookie = redirect.Cookie;
        return redirect.AuthorizationUrl;
    }

    public Task<Outcome<string>> FinishAsync(string authorizationUrl) => Vault.Finish.RunAsync(Vault.App.Id, "erp", Consented(Provider, authorizationUrl, "ada@example.com"), Browser, Cancellation);

    public Task<Outcome<string>> DenyAsync(string authorizationUrl) => Vault.Finish.RunAsync(
        Vault.App.Id, "erp", new CallbackParameters(null, HttpUtility.ParseQueryString(new Uri(authorizationUrl).Query)["state"], Provider.Issuer, "access_denied", null), Browser, Cancellation);

    public Task<Outcome<SignInFinish>> SignInAsync(string authorizationUrl, string subject) => Vault.SignIn.RunAsync(Vault.App.Id, "people", Consented(People, authorizationUrl, subject), Browser, Cancellation);

    /// <summary>Session, consent and finish in one go; the session's token.</summary>
    public async Task<string> ConnectAsync(string proof = "confirm")
    {
        var session = await SessionAsync(proof);
        Value(await FinishAsync(await AuthorizeAsync(session)));
        return session;
    }

    /// <summary>What a pending grant is completed with.</summary>
    public async Task<string> CodeAsync(string session) =>
        Value(await Vault.Open.RunAsync(session, null, Browser, Cancellation)).Grants.Single().Metadata!.CompletionCode!;

    public async Task<Outcome<ConnectCompleted>> CompleteAsync(string code) => await Vault.Complete.RunAsync(Vault.App, await OwnerAsync(), code, Cancellation);

    public async Task<IReadOnlyList<Grant>> GrantsAsync() => (await Vault.Store.ListAllAsync(await OwnerAsync(), Cancellation)).Grants;

    /// <summary>A stored grant with tokens of the provider, two hours old: its access token is past its end.</summary>
    public async Task<Grant> GrantAsync(Func<Grant, Grant>? change = null, TimeSpan? age = null)
    {
        var owner = await OwnerAsync();
        return await Vault.GrantAsync(draft =>
        {
            (draft.Owner, draft.CreatedAt) = (owner, Time.GetUtcNow() - (age ?? TimeSpan.FromHours(2)));
            (draft.Access, draft.Refresh) = Provider.Issue(draft.Account);
            draft.Change = change ?? draft.Change;
        });
    }

    public async Task<Grant> RevokedAsync()
    {
        var grant = await GrantAsync();
        Value(await Vault.Revocation.RevokeAsync(grant, Cancellation));
        return await Vault.ReadAsync(grant);
    }

    /// <summary>Records the end of a call and says where it is to be found.</summary>
    public async Task<string> RecordAsync(string id, string userHash)
    {
        var entry = new AuditEntry { Kind = AuditKinds.End, Id = id, At = Time.GetUtcNow(), App = Vault.App.Id, User = userHash, Outcome = AuditOutcomes.Answered };
        var isRecorded = await Vault.Record.AppendAsync(entry);
        await Vault.Record.DrainAsync(Cancellation);
        var month = RowKeys.Month(Time.GetUtcNow());
        return $"{(isRecorded ? "recorded" : "not recorded")}, {await CountAsync($"audit{month}")} in the record, {await CountAsync($"activity{month}")} in activity";

        async Task<int> CountAsync(string table)
        {
            var count = 0;
            await foreach (var row in azurite.Table(table).QueryAsync<TableEntity>(cancellationToken: Cancellation))
            {
                count += row.TryGetValue("entry", out var text) && AuditEntry.Parse(text as string)?.Id == id ? 1 : 0;
            }

            return count;
        }
    }

    public static GrantMessage MessageFor(Grant grant, string kind = "due") => new(GrantMessage.Version, kind, grant.Key.Partition, grant.Key.Row, grant.Id, grant.DueAt?.UtcTicks ?? 0);

    /// <summary>What the provider saw of it, and whether what is stored is still good there.</summary>
    public async Task<IReadOnlyList<string>> AtProviderAsync(int signInsBefore)
    {
        var lines = new List<string> { $"{Provider.Requests.Count} redemptions, {Provider.Revocations.Count} revocations, {People.Requests.Count - signInsBefore} sign-ins" };
        var rows = await Vault.Store.ListAllAsync(await OwnerAsync(), Cancellation);
        foreach (var grant in rows.Grants.Concat(rows.Pending))
        {
            var (access, refresh) = await Vault.TokensAsync(grant);
            lines.Add($"{grant.Status} of generation {grant.Generation}: access token {(access is null ? "gone" : Provider.Accepts(access) ? "accepted" : "refused")}, refresh token {(refresh is null ? "gone" : Provider.Redemptions(refresh) is 0 ? "unspent" : "spent")}");
        }

        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        Vault.Dispose();
        await Provider.DisposeAsync();
    }

    public static T Value<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Succeeded(out var value, out var refusal), refusal?.ToString());
        return value;
    }

    private static CallbackParameters Consented(FakeProvider at, string authorizationUrl, string account)
    {
        var answer = at.Consent(authorizationUrl, account);
        return new CallbackParameters(answer["code"], answer["state"], answer["iss"], null, null);
    }

    private static async Task EmptyAsync(OwnAzurite azurite, bool altogether)
    {
        foreach (var name in Tables)
        {
            var table = azurite.Table(name);
            if (altogether)
            {
                await table.DeleteAsync(Cancellation);
                continue;
            }

            await table.CreateIfNotExistsAsync(Cancellation);
            await foreach (var row in table.QueryAsync<TableEntity>(cancellationToken: Cancellation))
            {
                await table.DeleteEntityAsync(row, ETag.All, Cancellation);
            }
        }

        foreach (var name in Queues)
        {
            var queue = new QueueClient(azurite.ConnectionString, name);
            if (altogether)
            {
                await queue.DeleteIfExistsAsync(Cancellation);
            }
            else
            {
                await queue.CreateIfNotExistsAsync(cancellationToken: Cancellation);
                await queue.ClearMessagesAsync(Cancellation);
            }
        }
    }
}
