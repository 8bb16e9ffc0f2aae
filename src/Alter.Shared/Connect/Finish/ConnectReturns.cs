using Alter.Audit;
using Alter.Policies;
using Alter.Storage;

namespace Alter.Connect;

/// <summary>Notes on a session how a browser came back, for the page it is led to; what brought no grant is recorded here, what did by the grant itself.</summary>
public sealed class ConnectReturns(ConnectSessionStore sessions, AuditRecord record, TimeProvider time)
{
    /// <summary>Notes it and gives up the flow's claim: after a failure the person may try again at once.</summary>
    /// <param name="session">As read.</param>
    /// <param name="flow">The flow that came back.</param>
    /// <param name="refusal">Why it brought nothing; null where it did.</param>
    /// <param name="description">The other side's words, cleaned; null: the refusal's own.</param>
    /// <param name="signInAgain">Another sign-in may help.</param>
    /// <remarks>One storage operation, two more on a conflict.</remarks>
    public async Task NoteAsync(ConnectSession session, AuthorizationFlow flow, Refusal? refusal, string? description, bool signInAgain = false)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(flow);
        if (refusal is not null)
        {
            record.Note(new AuditEntry
            {
                Kind = AuditKinds.Connect,
                Id = OperationId.New(),
                At = time.GetUtcNow(),
                App = session.App,
                User = session.UserHash,
                Provider = flow.Provider,
                Outcome = refusal.Code,
                Policy = (refusal as PolicyViolation)?.PolicyError.Policy,
                Rule = (refusal as PolicyViolation)?.PolicyError.Rule,
            });
        }

        var error = refusal is ConnectDenied ? "access_denied" : refusal?.Code; // The name the known widget gives it.
        var back = new ConnectReturn(flow.CookieHash, flow.Mode, error, refusal is null ? null : description ?? refusal.Detail, flow.Provider, signInAgain, refusal is null);
        var current = session;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var claims = current.Claims.Where(claim => claim.Value.Flow != flow.Key.Hash).ToDictionary();
            if (await sessions.TryReplaceAsync(current with { Claims = claims, LastReturn = After(current.LastReturn, back) }, CancellationToken.None) is not null
                || !(await sessions.FindAsync(session.Key, CancellationToken.None)).Succeeded(out var newer, out _))
            {
                return;
            }

            current = newer;
        }
    }

    // Whoever holds the link can come back with nothing: that takes neither the result nor the session from the browser that connected something.
    private static ConnectReturn After(ConnectReturn? before, ConnectReturn back) =>
        before is not { HasConnected: true } || back.HasConnected ? back
        : before.CookieHash == back.CookieHash ? back with { HasConnected = true }
        : before;
}
