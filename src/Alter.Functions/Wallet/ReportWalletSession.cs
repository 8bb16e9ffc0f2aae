using Alter.Functions.Http;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>GET /wallet/session</c>: who is signed in, or where somebody can sign in.</summary>
public sealed class ReportWalletSession(WalletCallers callers, WalletPlaces places)
{
    [Function(nameof(ReportWalletSession))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "wallet/session")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if ((await callers.IdentifyAsync(request, cancellationToken)).Succeeded(out var session, out var refusal))
        {
            return Results.Json(
                new WalletSessionView(new(session.Label, session.IdentityProvider, session.SignedInAt + WalletSession.Lifetime, session.CsrfToken), []),
                WireJson.Write);
        }

        return refusal is WalletSessionExpired ? Results.Json(new WalletSessionView(null, places.List()), WireJson.Write) : Problems.From(refusal);
    }
}

/// <summary>Who is signed in to the Wallet.</summary>
/// <param name="User">Null: nobody is.</param>
/// <param name="Places">Where somebody can sign in; empty where somebody has, or where no app of the vault offers it.</param>
public sealed record WalletSessionView(WalletSessionView.UserView? User, IReadOnlyList<WalletPlace> Places)
{
    /// <summary>The person.</summary>
    /// <param name="Name">What people call them.</param>
    /// <param name="IdentityProvider">Where they signed in.</param>
    /// <param name="ExpiresAt">When they have to again.</param>
    /// <param name="CsrfToken">What every change has to bring along.</param>
    public sealed record UserView(string Name, string IdentityProvider, DateTimeOffset ExpiresAt, string CsrfToken)
    {
        /// <summary>It holds a secret of the session: it never prints.</summary>
        public override string ToString() => "[wallet user]";
    }
}
