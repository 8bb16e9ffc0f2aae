using System.Globalization;
using Alter.Apps;
using Alter.Functions.Http;
using Alter.Grants;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Grants;

/// <summary><c>GET /sdk/grants</c>: the user's grants, a page at a time.</summary>
public sealed class ListGrants(CallerAuthentication callers, GrantListing listing)
{
    private static readonly string[] Known = ["provider_id", "provider", "account", "status", "limit", "cursor", "offset"];

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
        var errors = new Dictionary<string, string[]>();
        foreach (var (name, values) in query)
        {
            if (!Known.Contains(name))
            {
                errors[name[..Math.Min(name.Length, 60)]] = [$"This version knows {string.Join(", ", Known)}."];
            }
            else if (values.Count > 1)
            {
                errors[name] = ["It must be there once."];
            }
        }

        var (provider, alias) = (Text("provider_id"), Text("provider"));
        if (provider is not null && alias is not null && provider != alias)
        {
            errors["provider"] = ["It differs from provider_id, whose alias it is."];
        }

        var limit = Number("limit", 1, GrantQuery.MaxLimit, GrantQuery.MaxLimit);
        var offset = Number("offset", 0, 1_000_000, 0);
        if (Text("cursor") is not null && Text("offset") is not null)
        {
            errors["cursor"] = ["A page is asked for by cursor or by offset, not by both."];
        }

        HashSet<GrantStatus>? statuses = null;
        if (Text("status") is { } text)
        {
            statuses = [];
            foreach (var name in text.Split(','))
            {
                if (GrantStatusNames.TryParse(name.Trim(), out var status))
                {
                    statuses.Add(status);
                }
                else
                {
                    errors["status"] = ["A comma-separated list of active, pending, expired, revoked, credential_revoked."];
                }
            }
        }

        return errors.Count > 0
            ? new InvalidRequest("The query cannot be understood; errors names each parameter.", errors)
            : new GrantQuery(provider ?? alias, Text("account"), statuses, limit, offset, Text("cursor"));

        string? Text(string name) => query[name].ToString() is { Length: > 0 } value ? value : null;

        int Number(string name, int least, int most, int otherwise)
        {
            if (Text(name) is not { } value)
            {
                return otherwise;
            }

            if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }

            errors[name] = [$"A whole number from {least} to {most}."];
            return otherwise;
        }
    }
}
