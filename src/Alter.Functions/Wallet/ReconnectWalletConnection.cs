using Alter.Functions.Http;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>POST /wallet/reconnect</c>: the Connect page by which a connection that broke is put right; it leads back to the Wallet.</summary>
public sealed class ReconnectWalletConnection(WalletCallers callers, WalletReconnection reconnection)
{
    [Function(nameof(ReconnectWalletConnection))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "wallet/reconnect")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!(await callers.IdentifyAsync<WalletConnectionChange>(request, cancellationToken)).Succeeded(out var change, out var refusal)
            || !(await reconnection.RunAsync(change.Session, change.Body.App, change.Body.GrantId, cancellationToken)).Succeeded(out var created, out refusal))
        {
            return WalletCallers.Refused(request, refusal);
        }

        return Results.Json(new { connect_url = created.ConnectUrl }, WireJson.Write);
    }
}
