using System.CommandLine;
using Alter.Grants;

namespace Alter.Cli.Grants;

/// <summary><c>alter grants show</c>: everything the row of one grant says, what happens next, and what to do.</summary>
internal static class ShowGrant
{
    public static Command Command(OperatorTools tools)
    {
        var id = GrantOptions.GrantId();
        var config = GrantOptions.Config();
        var command = new Command("show", "Says everything known about one grant, what will happen next, and what can be done.") { id, config };
        command.SetAction((result, cancellationToken) => GrantDesk.WithAsync(
            tools,
            result.GetValue(config),
            result.InvocationConfiguration.Error,
            (desk, token) => RunAsync(desk, result.GetRequiredValue(id), tools.Time.GetUtcNow(), result.InvocationConfiguration.Output, token),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(GrantDesk desk, Guid id, DateTimeOffset now, TextWriter output, CancellationToken cancellationToken)
    {
        var rows = await desk.FindAsync(id, cancellationToken);
        if (rows is not [var stored, ..])
        {
            output.WriteLine($"There is no grant {id:D}: it was never stored here, or its tombstone is past its 90 days.");
            return 1;
        }

        var prognosis = GrantPrognosis.Of(stored, now, desk.Document);
        output.WriteLine($"Grant {id:D}: {GrantStates.Of(stored, now, desk.Document)}");
        output.WriteLine();
        foreach (var (name, fact) in Facts(stored, now))
        {
            output.WriteLine($"  {name,-14}  {fact}");
        }

        output.WriteLine();
        output.WriteLine($"What happens next: {prognosis.Next}");
        output.WriteLine($"What you can do: {prognosis.Remedy}");
        if (rows.Count > 1)
        {
            output.WriteLine();
            output.WriteLine($"{rows.Count - 1} more {(rows.Count == 2 ? "row carries" : "rows carry")} this id.");
        }

        return 0;
    }

    private static IEnumerable<(string Name, string Fact)> Facts(StoredGrant stored, DateTimeOffset now)
    {
        var grant = stored.Grant;
        yield return ("app", Shown.Text(grant.Place.App));
        yield return ("provider", Shown.Text(grant.Place.Provider));
        yield return ("row", $"{Shown.Text(grant.Key.Partition)}  {Shown.Text(grant.Key.Row)}");
        yield return ("status", grant.StatusAt(now).ToWire() + (grant.Cause is { } cause ? $", cause {Shown.Text(cause)}" : ""));
        yield return ("scopes", grant.Scopes.Count > 0 ? Shown.Texts(grant.Scopes) : "(none)");
        yield return ("created", Instants.Told(grant.CreatedAt, now));
        yield return ("last used", stored.LastUsedAt is { } used ? Instants.Told(used, now) : "never, or not noted");
        yield return ("row written", Instants.Told(stored.WrittenAt, now));
        yield return ("lifetime", grant.ExpiresAt is { } end ? Ends(end, now) : "until revoked");
        yield return ("generation", $"{grant.Generation}: so many token sets it has had");
        yield return ("access token", grant.AccessTokenExpiresAt is { } ends ? Ends(ends, now) : grant.Status is GrantStatus.Active ? "the provider never said when it ends" : "gone");
        yield return ("refresh token", stored.HoldsRefreshToken ? "held, sealed" : "none");
        yield return ("key version", stored.KeyVersion.Length > 0 ? Shown.Text(stored.KeyVersion) : "(none)");
        if (grant.Status is GrantStatus.Active)
        {
            yield return ("last attempt", grant.Fails > 0 ? $"failed ({GrantHealth.Of(grant, now, false).LastError ?? "no code"}), {grant.Fails} in a row" : "did not fail");
            yield return ("next attempt", grant.NextAttemptAt is { } next && next > now ? $"not before {Instants.Told(next, now)}" : "at any time");
        }

        yield return ("due", grant.DueAt is { } due ? $"the timer looks at it {Instants.Told(due, now)}" : "never: no timer looks at it");
        if (grant.Lease is { } lease)
        {
            var owner = lease.Generation == grant.Generation ? "" : ", of an older generation";
            yield return ("lease", lease.Until > now ? $"held until {Instants.Told(lease.Until, now)}{owner}" : $"lapsed {Instants.Told(lease.Until, now)}, never given back{owner}");
        }

        if (grant.RestoredFrom is { } restored)
        {
            yield return ("restored", $"from the backup of {Instants.Told(restored, now)}; it is renewed before it is next used");
        }

        if (stored.Grant.RefusedAt is { } refused)
        {
            yield return ("refused", $"by the provider {Instants.Told(refused, now)}");
        }

        if (grant.RevokedAt is { } revoked)
        {
            yield return ("revoked", Instants.Told(revoked, now));
        }

        if (grant.Status is not (GrantStatus.Active or GrantStatus.Pending))
        {
            yield return ("provider told", Told(stored));
        }

        if (grant.CompletedAs is { } completed)
        {
            yield return ("completed", $"as grant {completed:D}");
        }
    }

    private static string Ends(DateTimeOffset at, DateTimeOffset now) => $"{(at > now ? "ends" : "ended")} {Instants.Told(at, now)}";

    private static string Told(StoredGrant stored) => stored.Grant.RevocationOutcome switch
    {
        _ when stored.IsTelling => stored.Grant.Fails > 0 ? $"not yet; {stored.Grant.Fails} attempts failed" : "not yet",
        RevocationOutcomes.Confirmed => "confirmed: the provider has revoked the token",
        RevocationOutcomes.NotOffered => "not_offered: the provider has no revocation, the token ends by itself",
        RevocationOutcomes.SharedAccount => "shared_account: telling it would have ended other grants of the same account",
        RevocationOutcomes.GaveUp => "gave_up: it did not answer for 24 hours",
        RevocationOutcomes.NotPossible => "not_possible: the app or provider had left the document, or the key was gone",
        { } other => Shown.Text(other),
        null => stored.Grant.Status is GrantStatus.CredentialRevoked ? "it is the provider that ended it" : "there was nothing to tell",
    };
}
