using Alter.Apps;
using Alter.Audit;
using Alter.Functions.Http;
using Alter.Grants;
using Alter.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Grants;

/// <summary><c>DELETE /sdk/grants/{grantId}</c>: revokes one grant; its tokens are gone before this answers.</summary>
public sealed class RevokeGrant(CallerAuthentication callers, GrantResolution resolution, GrantRevocation revocation, AuditRecord record, TimeProvider time)
{
    private const int MaxReasonLength = 500;

    [Function(nameof(RevokeGrant))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "sdk/grants/{grantId}")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!callers.Identify(request, AppKeyScopes.GrantsRevoke).Succeeded(out var caller, out var refusal)
            || !(await ReadReasonAsync(request, cancellationToken)).Succeeded(out var body, out refusal)
            || !(await callers.IdentifyOwnerAsync(caller, request, namesGrant: true, cancellationToken)).Succeeded(out var scope, out refusal))
        {
            return Problems.From(refusal);
        }

        // From the worker's own routing, never the query; malformed, missing and foreign ids answer alike, so the resolution parses it.
        var grantId = request.RouteValues["grantId"] as string ?? "";
        var found = scope.Owner is { } owner
            ? await resolution.ResolveByIdAsync(owner, grantId, cancellationToken)
            : await resolution.ResolveByIdAsync(caller.App.Id, grantId, cancellationToken);
        if (!found.Succeeded(out var grant, out refusal) || !(await revocation.RevokeAsync(grant, cancellationToken)).Succeeded(out var revoked, out refusal))
        {
            return Problems.From(refusal);
        }

        // The revocation stands whatever becomes of the record, which has its own entry of the grant's change: this one says who asked, and why.
        record.Note(new AuditEntry
        {
            Kind = AuditKinds.Grant,
            Id = OperationId.New(),
            At = time.GetUtcNow(),
            App = caller.App.Id,
            KeyId = caller.Key.Id,
            User = grant.Place.UserHash,
            GrantId = grant.Id,
            Account = grant.Place.AccountKey,
            Provider = grant.Place.Provider,
            Outcome = GrantEvents.RevocationAsked,
            Reason = AuditText.Clean(body.Reason, MaxReasonLength),
            RequestId = RequestId.Of(request.HttpContext),
        });
        return Results.Json(revoked, WireJson.Write);
    }

    private static async Task<Outcome<RevokeGrantRequest>> ReadReasonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is null or 0 && !request.Headers.ContainsKey("Transfer-Encoding"))
        {
            return new RevokeGrantRequest();
        }

        return (await StrictBody.ReadJsonAsync<RevokeGrantRequest>(request, StrictBody.BackendLimit, cancellationToken)).Succeeded(out var body, out var refusal)
            ? body.Reason is { Length: > MaxReasonLength } ? new RequestTooLarge($"reason is longer than {MaxReasonLength} characters.", MaxReasonLength) : body
            : refusal;
    }
}

/// <summary>The optional body of <c>DELETE /sdk/grants/{grantId}</c>.</summary>
public sealed record RevokeGrantRequest(string? Reason = null);
