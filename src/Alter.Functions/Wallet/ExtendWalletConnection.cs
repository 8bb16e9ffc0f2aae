using Alter.Functions.Http;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>POST /wallet/extend</c>: the person moves the end of a connection, at most to the furthest it may have.</summary>
public sealed class ExtendWalletConnection(WalletCallers callers, WalletExtension extension)
{
    [Function(nameof(ExtendWalletConnection))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "wallet/extend")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!(await callers.IdentifyAsync<WalletExtensionChange>(request, cancellationToken)).Succeeded(out var change, out var refusal)
            || !(await extension.RunAsync(change.Session, change.Body.App, change.Body.GrantId, change.Body.ExpiresAt, cancellationToken)).Succeeded(out var grant, out refusal))
        {
            return WalletCallers.Refused(request, refusal);
        }

        return Results.Json(new { grant_id = grant.Id, expires_at = grant.ExpiresAt }, WireJson.Write);
    }
}

/// <summary>The body of <c>POST /wallet/extend</c>.</summary>
public sealed record WalletExtensionChange : WalletConnectionChange
{
    /// <summary>Its new end.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
