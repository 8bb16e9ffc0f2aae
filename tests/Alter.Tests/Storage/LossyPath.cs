using Alter.Grants;
using Alter.Providers;
using Alter.Refresh;
using Alter.Storage;
using Alter.Testing;

namespace Alter.Tests.Storage;

/// <summary>One path through the vault that asks something of storage.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="Expected">What it comes to while nothing is lost; and so also where something is.</param>
/// <param name="Arrange">Makes what it needs, then gives the path itself.</param>
internal sealed record LossyPath(string Name, string Expected, Func<LossyWorld, Task<Func<Task<string>>>> Arrange)
{
    /// <summary>What is not ordinary about the provider.</summary>
    public Func<ProviderDefinition, ProviderDefinition> Definition { get; init; } = definition => definition;

    /// <summary>True: no table is there yet.</summary>
    public bool IsFirstUse { get; init; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LossyPath> All { get; } =
    [
        new("first use of a deployment", "ok", world => Then(async () => Say(await world.MintAsync()))) { IsFirstUse = true },
        new("mint", "ok", world => Then(async () => Say(await world.MintAsync()))),
        new("open", "open", async world =>
        {
            var session = await world.SessionAsync();
            return async () => Say(await world.Vault.Open.RunAsync(session, null, world.Browser, Cancellation), view => view.Status);
        }),
        new("status", "open", async world =>
        {
            var session = await world.SessionAsync();
            return async () => (await world.Vault.Status.RunAsync(session, Cancellation)).View.Status;
        }),
        new("authorize", "ok", async world =>
        {
            var session = await world.SessionAsync();
            return async () => Say(await world.TryAuthorizeAsync(session));
        }),
        new("authorize by way of a sign-in", "ok", async world =>
        {
            var session = await world.SessionAsync("identity");
            return async () => Say(await world.TryAuthorizeAsync(session));
        }),
        new("callback", "ok, complete", async world =>
        {
            var session = await world.SessionAsync();
            return await CallbackAsync(world, session);
        }),
        new("callback of an account that has a grant", "ok, complete", async world =>
        {
            await world.ConnectAsync();
            return await CallbackAsync(world, await world.SessionAsync());
        }),
        new("callback after a revocation", "ok, complete", async world =>
        {
            await world.ConnectAsync();
            LossyWorld.Value(await world.Vault.Revocation.RevokeAsync((await world.GrantsAsync()).Single(), Cancellation));
            world.Time.Advance(TimeSpan.FromSeconds(1));
            return await CallbackAsync(world, await world.SessionAsync());
        }),
        new("callback that has to be completed", "ok, complete", async world => await CallbackAsync(world, await world.SessionAsync("complete"))),
        new("callback of a person who said no", "ok, error access_denied", async world =>
        {
            var session = await world.SessionAsync();
            var url = await world.AuthorizeAsync(session);
            return async () => await WithViewAsync(world, session, Say(await world.DenyAsync(url)));
        }),
        new("callback at another redirect URI", "connect_flow_invalid", async world =>
        {
            var url = await world.AuthorizeAsync(await world.SessionAsync("identity")); // The sign-in's answer, at the provider's.
            return async () => Say(await world.FinishAsync(url));
        }),
        new("callback of a sign-in", "on", async world =>
        {
            var url = await world.AuthorizeAsync(await world.SessionAsync("identity"));
            return async () => Say(await world.SignInAsync(url, "ada"), finish => finish.AuthorizationUrl is null ? "back" : "on");
        }),
        new("callback of a sign-in as somebody else", "back, error user_mismatch", async world =>
        {
            var session = await world.SessionAsync("identity");
            var url = await world.AuthorizeAsync(session);
            return async () => await WithViewAsync(world, session, Say(await world.SignInAsync(url, "mallory"), finish => finish.AuthorizationUrl is null ? "back" : "on"));
        }),
        new("complete", "active creation", async world =>
        {
            var code = await world.CodeAsync(await world.ConnectAsync("complete"));
            return async () => Say(await world.CompleteAsync(code), completed => $"{completed.Grants.Single().Status} {completed.Grants.Single().Operation}");
        }),
        new("complete an account that has a grant", "active reauth", async world =>
        {
            await world.ConnectAsync();
            var code = await world.CodeAsync(await world.ConnectAsync("complete"));
            return async () => Say(await world.CompleteAsync(code), completed => $"{completed.Grants.Single().Status} {completed.Grants.Single().Operation}");
        }),
        new("close", "ok", async world =>
        {
            var session = await world.ConnectAsync();
            return async () => Say(await world.Vault.Close.RunAsync(session, world.Browser, Cancellation));
        }),
        new("call", "generation 1", async world =>
        {
            await world.GrantAsync(age: TimeSpan.Zero);
            return () => CallAsync(world);
        }),
        new("call with refresh", "generation 2", async world =>
        {
            await world.GrantAsync();
            return () => CallAsync(world);
        }),
        new("call with refresh that may be repeated", "generation 2", async world =>
        {
            await world.GrantAsync();
            return () => CallAsync(world);
        }) { Definition = definition => definition with { Rotation = RotationKind.Grace, RotationGrace = TimeSpan.FromMinutes(1) } },
        new("call with refresh to a token of another life", "generation 2", async world =>
        {
            await world.GrantAsync();
            world.Provider.ExpiresIn = 600;
            return () => CallAsync(world);
        }),
        new("refresh of a token the provider refused", "generation 2", async world =>
        {
            var grant = await world.GrantAsync(age: TimeSpan.Zero);
            var refused = LossyWorld.Value(await world.Vault.AccessTokens.GetAsync(grant, world.Erp, Cancellation));
            return async () => await world.Vault.AccessTokens.GetAnotherAsync(refused, world.Erp, Cancellation) is { } other ? Say(other, token => $"generation {token.Grant.Generation}") : "nothing";
        }),
        new("refresh that is put off", "provider_unreachable", async world =>
        {
            await world.GrantAsync();
            world.Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(503, "", RetryAfter: "60"));
            return () => CallAsync(world);
        }),
        new("refresh that ends the grant", "credential_revoked", async world =>
        {
            await world.GrantAsync();
            world.Provider.Token = _ => Task.FromResult<FakeAnswer?>(new FakeAnswer(400, """{"error":"invalid_grant"}"""));
            return () => CallAsync(world);
        }),
        new("refresh of a grant without refresh token", "credential_revoked", async world =>
        {
            var owner = await world.OwnerAsync();
            await world.Vault.GrantAsync(draft => (draft.Owner, draft.CreatedAt, draft.Access, draft.Refresh) = (owner, world.Time.GetUtcNow().AddHours(-2), world.Provider.Issue("ada").AccessToken, null));
            return () => CallAsync(world);
        }),
        new("refresh that was cut off and is left until expiry", "generation 1", async world =>
        {
            var grant = await world.GrantAsync(DueNow(world, grant => grant with { Lease = new RefreshLease("of one who died", world.Time.GetUtcNow().AddSeconds(-1), 1) }), age: TimeSpan.Zero);
            return async () => Say(await world.Vault.Refresher.RefreshAsync(grant, world.Erp), left => $"generation {left.Generation}");
        }),
        new("refresh that was cut off and is repeated", "generation 2", async world =>
        {
            await world.GrantAsync(grant => grant with { Lease = new RefreshLease("of one who died", world.Time.GetUtcNow().AddSeconds(-1), 1) });
            return () => CallAsync(world);
        }),
        new("due dispatch", "done", async world =>
        {
            await world.GrantAsync(DueNow(world));
            world.Time.Advance(TimeSpan.FromMinutes(1));
            return Done(() => world.Vault.DueGrants.DispatchAsync(Cancellation));
        }),
        new("due refresh", "done", async world =>
        {
            var grant = await world.GrantAsync(DueNow(world));
            return Done(() => world.Vault.DueGrants.RunAsync(LossyWorld.MessageFor(grant), 1, Cancellation));
        }),
        new("look at the end of a lease", "done", async world =>
        {
            var grant = await world.GrantAsync(grant => grant with { Lease = new RefreshLease("of one who died", world.Time.GetUtcNow().AddSeconds(-1), 1) });
            return Done(() => world.Vault.DueGrants.RunAsync(LossyWorld.MessageFor(grant, GrantMessage.LeaseKind), 1, Cancellation));
        }) { Definition = definition => definition with { Rotation = RotationKind.Grace, RotationGrace = TimeSpan.FromMinutes(1) } },
        new("due row that is stale", "done", async world =>
        {
            var grant = await world.GrantAsync();
            var stale = grant with { DueAt = world.Time.GetUtcNow().AddMinutes(-2) };
            await world.Vault.Due.AddAsync(stale, stale.DueAt.Value, Cancellation);
            return Done(() => world.Vault.DueGrants.RunAsync(LossyWorld.MessageFor(stale), 1, Cancellation));
        }),
        new("leave alone for a day", "done", async world =>
        {
            var grant = await world.GrantAsync(DueNow(world));
            return Done(() => world.Vault.DueGrants.RunAsync(LossyWorld.MessageFor(grant), 5, Cancellation));
        }),
        new("expire", "done", async world =>
        {
            var grant = await world.GrantAsync(DueNow(world, grant => grant with { ExpiresAt = world.Time.GetUtcNow() }));
            return Done(() => world.Vault.DueGrants.RunAsync(LossyWorld.MessageFor(grant), 1, Cancellation));
        }),
        new("lapse of what nobody completed", "done", async world =>
        {
            await world.ConnectAsync("complete");
            var pending = (await world.Vault.Store.ListAllAsync(await world.OwnerAsync(), Cancellation)).Pending.Single();
            world.Time.Advance(Grant.PendingLifetime);
            return Done(() => world.Vault.DueGrants.RunAsync(LossyWorld.MessageFor(pending), 1, Cancellation));
        }),
        new("record a call", "recorded, 1 in the record, 2 in activity", async world =>
        {
            var hash = (await world.OwnerAsync()).Hash;
            await world.RecordAsync(A.Unique(), hash); // The month's tables are there.
            return () => world.RecordAsync(A.Unique(), hash);
        }),
        new("revoke", "The grant is revoked.", async world =>
        {
            var grant = await world.GrantAsync(age: TimeSpan.Zero);
            return async () => Say(await world.Vault.Revocation.RevokeAsync(grant, Cancellation), revocation => revocation.Message);
        }),
        new("tell the provider", "done", async world =>
        {
            var grant = await world.RevokedAsync();
            return Done(() => world.Vault.AtProvider.RunAsync(LossyWorld.MessageFor(grant, "revoke"), Cancellation));
        }),
        new("tell a provider that ends the whole account", "done", async world =>
        {
            var grant = await world.RevokedAsync();
            return Done(() => world.Vault.AtProvider.RunAsync(LossyWorld.MessageFor(grant, "revoke"), Cancellation));
        }) { Definition = definition => definition with { Revocation = RevocationKind.Account } },
        new("tell the provider later", "done", async world =>
        {
            var grant = await world.RevokedAsync();
            world.Provider.Revocation = _ => new FakeAnswer(503, "");
            return Done(() => world.Vault.AtProvider.RunAsync(LossyWorld.MessageFor(grant, "revoke"), Cancellation));
        }),
        new("tell a provider that never answered", "done", async world =>
        {
            var grant = await world.RevokedAsync();
            world.Provider.Revocation = _ => new FakeAnswer(503, "");
            world.Time.Advance(TimeSpan.FromHours(25));
            return Done(() => world.Vault.AtProvider.RunAsync(LossyWorld.MessageFor(grant, "revoke"), Cancellation));
        }),
        new("list", "1 grants", async world =>
        {
            await world.GrantAsync();
            return async () => Say(await world.Vault.Listing.ListAsync(world.Vault.App, await world.OwnerAsync(), new GrantQuery(null, null, null, 10, 0, null), Cancellation), page => $"{page.Total} grants");
        }),
        new("note a use", "done", async world =>
        {
            var grant = await world.GrantAsync();
            return Done(() => world.Vault.Store.NoteUseAsync(grant));
        }),
        new("sweep", "done", async world =>
        {
            await world.ConnectAsync(); // Its marker is past its date by then, its due row was left out by a crash.
            var grant = (await world.GrantsAsync()).Single();
            await world.Vault.Due.DeleteAsync(grant.Id, grant.DueAt!.Value, Cancellation);
            world.Time.Advance(TimeSpan.FromDays(2));
            return Done(() => world.Vault.Sweep.RunAsync(Cancellation));
        }),
        new("sweep of another day", "done", async world =>
        {
            await world.Vault.Sweep.RunAsync(Cancellation);
            await world.ConnectAsync();
            world.Time.Advance(TimeSpan.FromDays(2));
            return Done(() => world.Vault.Sweep.RunAsync(Cancellation));
        }),
        new("purge", "done", async world =>
        {
            await world.AuthorizeAsync(await world.SessionAsync());
            world.Time.Advance(TimeSpan.FromHours(3));
            return Done(() => world.Vault.Purge.RunAsync(Cancellation));
        }),
        new("purge of another hour", "done", async world =>
        {
            await world.Vault.Purge.RunAsync(Cancellation);
            await world.AuthorizeAsync(await world.SessionAsync());
            world.Time.Advance(TimeSpan.FromHours(3));
            return Done(() => world.Vault.Purge.RunAsync(Cancellation));
        }),
    ];

    private static Func<Grant, Grant> DueNow(LossyWorld world, Func<Grant, Grant>? change = null) =>
        grant => (change?.Invoke(grant) ?? grant) with { DueAt = world.Time.GetUtcNow() };

    private static async Task<Func<Task<string>>> CallbackAsync(LossyWorld world, string session)
    {
        var url = await world.AuthorizeAsync(session);
        return async () => await WithViewAsync(world, session, Say(await world.FinishAsync(url)));
    }

    // What the page says where the callback leads to: used up or denied would be a lie.
    private static async Task<string> WithViewAsync(LossyWorld world, string session, string outcome) =>
        $"{outcome}, {Say(await world.Vault.Open.RunAsync(session, null, world.Browser, Cancellation), view => view.Error is null ? view.Status : $"{view.Status} {view.Error}")}";

    private static async Task<string> CallAsync(LossyWorld world)
    {
        if (!(await world.Vault.Resolution.ResolveAsync(await world.OwnerAsync(), "erp", null, Cancellation)).Succeeded(out var grant, out var refusal))
        {
            return refusal.Code;
        }

        return Say(await world.Vault.AccessTokens.GetAsync(grant, world.Erp, Cancellation), token => $"generation {token.Grant.Generation}");
    }

    private static Task<Func<Task<string>>> Then(Func<Task<string>> path) => Task.FromResult(path);

    private static Func<Task<string>> Done(Func<Task> path) => async () =>
    {
        await path();
        return "done";
    };

    private static string Say<T>(Outcome<T> outcome, Func<T, string>? name = null)
        where T : notnull => outcome.Succeeded(out var value, out var refusal) ? name?.Invoke(value) ?? "ok" : refusal.Code;
}
