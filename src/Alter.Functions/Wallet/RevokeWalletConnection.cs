using Alter.Functions.Http;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>POST /wallet/revoke</c>: the person takes a connection back; its tokens are gone before this answers.</summary>
public sealed class RevokeWalletConnection(WalletCallers callers, WalletRevocation revocation)
{
    [Function(nameof(RevokeWalletConnection))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "wallet/revoke")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!(await callers.IdentifyAsync<WalletConnectionChange>(request, cancellationToken)).Succeeded(out var change, out var refusal)
            || !(await revocation.RunAsync(change.Session, change.Body.App, change.Body.GrantId, cancellationToken)).Succeeded(out var revoked, out refusal))
        {
            return WalletCallers.Refused(request, refusal);
        }

        return Results.Json(new { grant_id = revoked.GrantId, revoked_at = revoked.RevokedAt }, WireJson.Write);
    }
}
