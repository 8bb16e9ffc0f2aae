using System.CommandLine;
using Alter.Apps;
using Alter.Audit;
using Alter.Grants;
using Alter.Identity;
using Alter.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alter.Cli.Users;

/// <summary><c>alter users erase</c>: revokes everything a user connected in the apps of an identity provider, and removes what is stored of them.</summary>
internal static class EraseUser
{
    private sealed record Request(string IdentityProvider, string? Tenant, string User, string? App, bool IsDryRun, bool IsConfirmed, string? Config, string? PublicUrl);

    public static Command Command(OperatorTools tools)
    {
        var identityProvider = new Option<string>("--identity-provider") { Description = "Its id in the document.", Required = true };
        var tenant = new Option<string?>("--tenant") { Description = "Where the identity provider has several tenants: the user's." };
        var user = new Option<string>("--user") { Description = "The value of the user-id claim; - reads it from standard input.", Required = true };
        var app = new Option<string?>("--app") { Description = "This app alone; otherwise every app of the identity provider." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Count what there is and change nothing." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var config = new Option<string?>("--config") { Description = "The document; otherwise ALTER_CONFIG, otherwise alter.json of the checkout." };
        var publicUrl = new Option<string?>("--public-url") { Description = "Read the document as the vault at this address would." };
        var erase = new Command("erase", "Revokes every grant of a user and removes all that is stored of them. It cannot be undone.")
        {
            identityProvider, tenant, user, app, dryRun, yes, config, publicUrl,
        };
        erase.SetAction((result, cancellationToken) => RunAsync(
            tools,
            new(
                result.GetRequiredValue(identityProvider),
                result.GetValue(tenant),
                result.GetRequiredValue(user),
                result.GetValue(app),
                result.GetValue(dryRun),
                result.GetValue(yes),
                result.GetValue(config),
                result.GetValue(publicUrl)),
            result.InvocationConfiguration.Output,
            cancellationToken));
        return new Command("users", "The people whose accounts the vault keeps.") { erase };
    }

    private static async Task<int> RunAsync(OperatorTools tools, Request request, TextWriter output, CancellationToken cancellationToken)
    {
        var settings = OperatorSettings.Read(tools);
        var document = OperatorDocument.Read(tools, settings, request.Config, request.PublicUrl);
        if (document.Source.Current is not { } vault)
        {
            return Failed(output, [$"Document {document.Path} cannot be used:", .. document.Source.Mistakes.Select(mistake => mistake.ToString())]);
        }

        var value = request.User is "-" ? (await tools.Input.ReadToEndAsync(cancellationToken)).Trim() : request.User;
        if (value.Length == 0)
        {
            return Failed(output, ["--user names nobody."]);
        }

        var (users, fault) = UsersOf(vault, request, value);
        if (fault is not null)
        {
            return Failed(output, [fault]);
        }

        var (storage, missing) = OperatorStorage.Open(tools, settings);
        if (storage is null)
        {
            return Failed(output, [missing, .. settings.Fault is { } unread ? [unread] : Array.Empty<string>()]);
        }

        if (await storage.FindFaultAsync(cancellationToken) is { } unusable)
        {
            return Failed(output, [unusable]);
        }

        try
        {
            using var record = await OperatorRecord.OpenAsync(tools, settings, document, storage, cancellationToken);
            return await EraseAsync(tools, request, storage, record, users, output, cancellationToken);
        }
        catch (Exception e) when (StorageFault.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            return Failed(output, [$"Storage failed in the middle of it ({e.GetType().Name}). What was done is done; run the same again, it goes on with what is left."]);
        }
    }

    private static async Task<int> EraseAsync(
        OperatorTools tools, Request request, OperatorStorage storage, OperatorRecord record, IReadOnlyList<UserId> users, TextWriter output, CancellationToken cancellationToken)
    {
        var owners = new GrantOwners(new DeploymentSalt(storage.Tables));
        var store = new GrantStore(storage.Tables, tools.Time, record.Witness);
        var due = new DueIndex(storage.Tables, tools.Time);
        var marks = new RevocationMarks(storage.Tables, tools.Time);
        var revocation = new GrantRevocation(store, due, marks, storage.Queues, tools.Time, NullLogger<GrantRevocation>.Instance);
        var erasure = new UserErasure(store, revocation, marks, due, new AccountIndex(storage.Tables), tools.Time);

        var activity = new ActivityErasure(storage.Tables);
        var found = 0;
        foreach (var user in users)
        {
            var counts = await erasure.LookAsync(await owners.OfAsync(user, cancellationToken), cancellationToken);
            found += counts.Grants + counts.Ended + counts.ToBeTold + counts.Notes;
            output.WriteLine($"  {user.App}: {counts.Grants} grants, {counts.Ended} ended before, {counts.ToBeTold} of which a provider is to be told, {counts.Notes} further rows");
        }

        if (request.IsDryRun)
        {
            output.WriteLine("Nothing was changed (--dry-run).");
            return 0;
        }

        if (!request.IsConfirmed)
        {
            output.Write("Erase the user in these apps? It cannot be undone. yes/no: ");
            if (request.User is "-" || (await tools.Input.ReadLineAsync(cancellationToken))?.Trim() is not "yes")
            {
                return Failed(output, ["", "Nothing was changed; --yes goes ahead without asking."]);
            }
        }

        if (found == 0)
        {
            output.WriteLine("There is nothing stored; open Connect links of the user are made void all the same.");
        }

        if (record.Fault is { } untold)
        {
            output.WriteLine($"**  What follows is not taken down in the vault's record: {untold}");
        }

        var left = false;
        foreach (var user in users)
        {
            var owner = await owners.OfAsync(user, cancellationToken);
            var done = await erasure.RunAsync(owner, cancellationToken);
            await record.DrainAsync(cancellationToken);
            var entries = await activity.RunAsync(owner, cancellationToken); // Last: until the grants are gone, calls and their ends add to it.
            left |= done is null;
            output.WriteLine(done is null
                ? $"!!  {user.App}: rows of the user kept coming, and some are left. Run the same again."
                : $"ok  {user.App}: {done.Grants} grants revoked, {done.Ended} ended ones and {done.Notes} further rows removed; {done.ToBeTold} wait for their provider to be told and then go; {entries} entries of their activity removed");
        }

        return left ? 1 : 0;
    }

    // The user as each app knows them.
    private static (IReadOnlyList<UserId> Users, string? Fault) UsersOf(VaultConfiguration vault, Request request, string value)
    {
        if (vault.IdentityProviders.FirstOrDefault(known => known.Id == request.IdentityProvider) is not { } provider)
        {
            return ([], $"The document has no identity provider of that id; it has {Listed(vault.IdentityProviders.Select(known => known.Id))}.");
        }

        var issuers = ConcreteIssuer.Of(provider).ToList();
        if (request.Tenant is not null)
        {
            issuers = issuers.FindAll(issuer => issuer.Tenant == request.Tenant);
        }

        if (issuers is not [var issuer])
        {
            // The same value can be another person in another tenant.
            return ([], provider.AllowedTenants.Count > 0 ? $"Say the user's --tenant, one of {Listed(provider.AllowedTenants)}." : "This identity provider has no tenants: leave --tenant out.");
        }

        if (request.App is not null && !vault.Apps.ContainsKey(request.App))
        {
            return ([], $"The document has no app of that id; it has {Listed(vault.Apps.Keys)}.");
        }

        var apps = vault.Apps.Values.Where(app => app.IdentityProviders.Contains(provider) && (request.App is null || app.Id == request.App)).OrderBy(app => app.Id, StringComparer.Ordinal).ToList();
        return apps.Count > 0
            ? ([.. apps.Select(app => new UserId(app.Id, issuer.Issuer, provider.UserIdClaim, value))], null)
            : ([], request.App is null ? "No app of the document has this identity provider." : "This app does not have this identity provider.");
    }

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal));

    private static int Failed(TextWriter output, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            output.WriteLine(line);
        }

        return 1;
    }
}
