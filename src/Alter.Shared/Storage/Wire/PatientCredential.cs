using Azure.Core;

namespace Alter.Storage.Wire;

/// <summary>
/// A credential whose token is acquired once for all who wait for it. The time a storage request has ends the waiting alone: a token that takes longer, as that of a new instance's
/// managed identity may, is there for the request's next try instead of being asked for anew.
/// </summary>
internal sealed class PatientCredential(TokenCredential credential) : TokenCredential
{
    // An acquisition that hangs must not be waited for by all who come after it.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private Task<AccessToken>? acquiring;
    private string? acquiringFor;

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => credential.GetToken(requestContext, cancellationToken);

    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        Task<AccessToken> acquired;
        lock (gate)
        {
            // One policy asks, always for the same scope; claims are those of a challenge.
            if (acquiring is not { IsCompleted: false } || acquiringFor != requestContext.Claims)
            {
                (acquiring, acquiringFor) = (Task.Run(() => AcquireAsync(requestContext), CancellationToken.None), requestContext.Claims);
            }

            acquired = acquiring;
        }

        return await acquired.WaitAsync(cancellationToken);
    }

    private async Task<AccessToken> AcquireAsync(TokenRequestContext requestContext)
    {
        using var limit = new CancellationTokenSource(Longest);
        return await credential.GetTokenAsync(requestContext, limit.Token);
    }
}
