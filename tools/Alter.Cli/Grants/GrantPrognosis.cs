using Alter.Apps;
using Alter.Grants;

namespace Alter.Cli.Grants;

/// <summary>What will become of a grant, and what its operator can do.</summary>
internal sealed record GrantPrognosis(string Next, string Remedy)
{
    private const string Reconnect = "The user connects again; the app learns it from the answer's action connect.";
    private const string Nothing = "Nothing has to be done.";

    public static GrantPrognosis Of(StoredGrant stored, DateTimeOffset now, VaultConfiguration? vault)
    {
        var grant = stored.Grant;
        if (!stored.LiesInItsPlace)
        {
            return new(
                "Every call for it is refused (integrity_failure, or grant_not_found): its columns do not belong to the place the row lies in.",
                "Find out who may write to the storage account: the vault did not write this row as it is. Keep a copy of it, then delete it.");
        }

        var health = stored.HealthAt(now, vault);
        return health.State switch
        {
            GrantHealthState.Orphaned => new(
                $"Nothing is renewed and nothing is deleted: the document has no app {Shown.Text(grant.Place.App)} with provider {Shown.Text(grant.Place.Provider)}. Calls are refused.",
                "Put app and provider back into the document and deploy: the grant goes on. Where it is not to come back, the user or the app may revoke it."),
            GrantHealthState.Refreshing => new("A worker is at it and stores the new tokens, or its lease lapses.", "Wait until the lease ends, then look again."),
            GrantHealthState.Interrupted => new(
                "A process ended in the middle of a refresh. "
                + (grant.DueAt is { } due ? $"The refresh is repeated by the next call that needs it, or by the timer at {Instants.Told(due, now)}" : "The refresh is repeated by the next call that needs it")
                + ", and where the provider takes a spent token for a stolen one, only shortly before the access token ends.",
                "Wait. Should the provider refuse the token, the grant ends as credential_revoked with cause refresh_interrupted."),
            GrantHealthState.Retrying => new(
                health.NextAttemptAt is { } at && at > now ? $"It is tried again {Instants.Told(at, now)}, by a call or by the timer." : "It is tried again by the next call, or by the timer.",
                AfterFailure(health.LastError, stored)),
            GrantHealthState.Ok when grant.Status is GrantStatus.Pending => new(
                $"It waits for the app's backend until {Instants.Told(grant.CreatedAt + Grant.PendingLifetime, now)}, then it expires.",
                "Nothing here: the app's backend completes it."),
            GrantHealthState.Ok when !stored.HoldsRefreshToken => new(
                "It has no refresh token: once its access token ends, the grant ends.",
                "If that comes too soon, see in the provider's page under docs/providers what makes it give refresh tokens. " + Reconnect),
            GrantHealthState.Ok => new(
                grant.DueAt is { } ahead ? $"Its token is renewed ahead of its end; the timer looks {Instants.Told(ahead, now)}." : "Its token is renewed by the call that needs it.",
                Nothing + " If calls fail all the same, the code of their answer says why: docs/errors.md."),
            _ => Ended(stored, now, vault),
        };
    }

    private static GrantPrognosis Ended(StoredGrant stored, DateTimeOffset now, VaultConfiguration? vault)
    {
        var grant = stored.Grant;
        return grant.StatusAt(now) switch
        {
            GrantStatus.Revoked => new(stored.IsTelling ? Telling(grant, now) : "Nothing: it was revoked through the vault.", Nothing),
            GrantStatus.Expired => new(stored.IsTelling ? Telling(grant, now) : "Nothing: its lifetime is over.", Reconnect),
            _ => new(
                "Calls are refused (credential_revoked)" + (grant.Cause switch
                {
                    "invalid_grant" => ": the provider refused the refresh token. The user may have removed the app there, or the provider ended it.",
                    "refresh_interrupted" => ": a process ended in the middle of a refresh, and the provider refused the spent token.",
                    "restored_from_backup" => ": the vault was restored from a backup, and the provider had replaced the refresh token since.",
                    "no_refresh_token" => ": the access token ended, and the provider had given no refresh token.",
                    _ => ".",
                }),
                stored.IsWorthRetrying(now, vault)
                    ? $"Its refresh token is still held, sealed. If the provider had a fault of its own: ./alter grants retry {grant.Id:D}. Otherwise: {Reconnect}"
                    : Reconnect),
        };
    }

    private static string Telling(Grant grant, DateTimeOffset now) => grant.DueAt is { } due
        ? $"The provider is told of its end; the next attempt is {Instants.Told(due, now)}, the last 24 hours after the end."
        : "The provider is told of its end by a message in queue revoke.";

    private static string AfterFailure(string? error, StoredGrant stored) => error switch
    {
        "connect_config" => "The provider refuses the OAuth client: put its secret, redirect URI or client id right (./alter check), then "
            + $"./alter grants retry --provider {Shown.Text(stored.Grant.Place.Provider)}.",
        "vault_unavailable" => "The client secret could not be read (./alter check, /health/ready); once it can be, the vault goes on by itself.",
        "provider_unreachable" or "provider_timeout" => "See the provider's status page; the vault keeps trying. "
            + $"When it is back and you do not want to wait: ./alter grants retry {stored.Grant.Id:D}",
        _ => $"When the cause is gone and you do not want to wait: ./alter grants retry {stored.Grant.Id:D}",
    };
}
