using System.Net;

namespace Alter.Sdk;

/// <summary>Sends one request to the vault, repeats it in the two cases where that is safe, and turns refusals into exceptions.</summary>
internal sealed class VaultExchange(AlterOptions options)
{
    private const int MaxTries = 3;
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>The answer once its headers are there; its body streams.</summary>
    /// <param name="send">The way to the vault.</param>
    /// <param name="compose">Makes the request anew for each try.</param>
    /// <param name="provider">The provider the call names, for exceptions.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    internal async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send,
        Func<Action<bool>, HttpRequestMessage> compose,
        string? provider,
        CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            using var timer = new HeaderTimer(options.HeaderTimeout, options.TimeProvider);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
            using var request = compose(timer.OnSending);
            AlterException? refusal;
            try
            {
                var response = await send(request, linked.Token).ConfigureAwait(false);
                refusal = await ProblemReader.ReadAsync(response, provider, options.TimeProvider, linked.Token).ConfigureAwait(false);
                if (refusal is null)
                {
                    return response;
                }

                response.Dispose();
            }
            catch (OperationCanceledException) when (timer.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw ProviderUnreachableException.Timeout(options.HeaderTimeout, provider);
            }
            catch (HttpRequestException e)
            {
                throw BackendException.Unreachable(e);
            }

            var wait = refusal.RetryAfter ?? UsualWait;
            if (tries == MaxTries || wait > LongestWait || !MayRepeat(refusal, request))
            {
                throw refusal;
            }

            await Task.Delay(wait, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    // A refresh under way: nothing reached the provider, so any method may be repeated. The vault's own 503: nothing was released either, but only safe
    // methods (RFC 9110 §9.2.1) are worth the trust. In both cases the body must be there a second time.
    private static bool MayRepeat(AlterException refusal, HttpRequestMessage request) =>
        request.Content is not OutgoingContent { CanBeSentAgain: false }
        && (refusal is TokenRefreshInProgressException
            || (refusal is { StatusCode: HttpStatusCode.ServiceUnavailable, RequestId: not null } && IsSafe(request.Method)));

    private static bool IsSafe(HttpMethod method) => method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options;
}
