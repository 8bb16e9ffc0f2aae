using System.Text;
using System.Text.Json;
using Alter.Apps;
using Alter.Audit;
using Alter.Forwarding;
using Alter.Functions.Http;
using Alter.Grants;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Audit;

/// <summary><c>GET /sdk/audit</c>: what was done for a user, or in the whole app, the newest first; as JSON, NDJSON or CSV.</summary>
public sealed class ListAudit(CallerAuthentication callers, GrantOwners owners, Activity activity)
{
    [Function(nameof(ListAudit))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sdk/audit")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!callers.Identify(request, AppKeyScopes.AuditRead).Succeeded(out var caller, out var refusal)
            || !AuditQuery.Read(request.Query).Succeeded(out var query, out refusal)
            || !(await OwnerAsync(caller, request, query.User, cancellationToken)).Succeeded(out var scope, out refusal)
            || !(await activity.ReadAsync(caller.App.Id, scope.Owner, query.Filter, query.Cursor, query.Limit, cancellationToken)).Succeeded(out var page, out refusal))
        {
            return Problems.From(refusal);
        }

        if (page.Next is { } next)
        {
            request.HttpContext.Response.Headers[ResponseHeaders.NextCursor] = next; // CSV and NDJSON have no other place for it.
        }

        return query.Format switch
        {
            AuditQuery.Csv => Results.Text(AuditCsv.Of(page.Entries), "text/csv; charset=utf-8", Encoding.UTF8),
            AuditQuery.Ndjson => Results.Text(
                string.Concat(page.Entries.Select(entry => JsonSerializer.Serialize(AuditView.Of(entry), WireJson.Write) + "\n")), "application/x-ndjson", Encoding.UTF8),
            _ => Results.Json(new AuditList([.. page.Entries.Select(AuditView.Of)], page.Next), WireJson.Write),
        };
    }

    // A user token narrows it to that user, and so does their hash out of an entry; without either the key sees all of its app.
    private async Task<Outcome<GrantScope>> OwnerAsync(Caller caller, HttpRequest request, string? user, CancellationToken cancellationToken)
    {
        if (!request.Headers.ContainsKey(ControlHeaders.UserToken))
        {
            return new GrantScope(user is null ? null : new GrantOwner(caller.App.Id, user));
        }

        if (!(await callers.IdentifyUserAsync(caller, request, null, cancellationToken)).Succeeded(out var known, out var refusal))
        {
            return refusal;
        }

        var owner = await owners.OfAsync(known.Id, cancellationToken);
        return user is null || user == owner.Hash ? new GrantScope(owner) : InvalidRequest.Field("user", $"It is not the user of {ControlHeaders.UserToken}.");
    }
}

/// <summary>The answer to <c>GET /sdk/audit</c>.</summary>
internal sealed record AuditList(IReadOnlyList<AuditView> Entries, string? NextCursor);
