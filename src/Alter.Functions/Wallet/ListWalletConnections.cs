using Alter.Functions.Http;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>GET /wallet/connections</c>: what the person has connected, in every app that knows them.</summary>
public sealed class ListWalletConnections(WalletCallers callers, WalletListing listing)
{
    [Function(nameof(ListWalletConnections))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "wallet/connections")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!(await callers.IdentifyAsync(request, cancellationToken)).Succeeded(out var session, out var refusal)
            || !(await listing.ListAsync(session, cancellationToken)).Succeeded(out var contents, out refusal))
        {
            return WalletCallers.Refused(request, refusal);
        }

        return Results.Json(contents, WireJson.Write);
    }
}
