using Alter.Apps;
using Alter.Functions.Http;
using Alter.Grants;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Grants;

/// <summary><c>GET /sdk/grants</c>: the user's grants, a page at a time.</summary>
public sealed class ListGrants(CallerAuthentication callers, GrantListing listing)
{
    private const int MaxOffset = 1_000_000;

    [Function(nameof(ListGrants))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sdk/grants")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!callers.Identify(request, AppKeyScopes.GrantsRead).Succeeded(out var caller, out var refusal)
            || !Read(request.Query).Succeeded(out var query, out refusal)
            || !(await callers.IdentifyOwnerAsync(caller, request, namesGrant: false, cancellationToken)).Succeeded(out var scope, out refusal)
            || !(await listing.ListAsync(caller.App, scope.Owner!, query, cancellationToken)).Succeeded(out var page, out refusal))
        {
            return Problems.From(refusal);
        }

        return Results.Json(page, WireJson.Write);
    }

    private static Outcome<GrantQuery> Read(IQueryCollection query)
    {
        var asked = new StrictQuery(query, "provider_id", "provider", "account", "status", "limit", "cursor", "offset");
        var (provider, alias) = (asked.Text("provider_id"), asked.Text("provider"));
        if (provider is not null && alias is not null && provider != alias)
        {
            asked.Wrong("provider", "It differs from provider_id, whose alias it is.");
        }

        var limit = asked.Number("limit", 1, GrantQuery.MaxLimit, GrantQuery.MaxLimit);
        var offset = asked.Number("offset", 0, MaxOffset, 0);
        if (asked.Text("cursor") is not null && asked.Text("offset") is not null)
        {
            asked.Wrong("cursor", "A page is asked for by cursor or by offset, not by both.");
        }

        HashSet<GrantStatus>? statuses = null;
        foreach (var name in asked.Text("status")?.Split(',') ?? [])
        {
            if (GrantStatusNames.TryParse(name.Trim(), out var status))
            {
                (statuses ??= []).Add(status);
            }
            else
            {
                asked.Wrong("status", "A comma-separated list of active, pending, expired, revoked, credential_revoked.");
            }
        }

        return asked.Refusal is { } refusal ? refusal : new GrantQuery(provider ?? alias, asked.Text("account"), statuses, limit, offset, asked.Text("cursor"));
    }
}
