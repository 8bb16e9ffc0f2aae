namespace Alter.Sdk;

/// <summary>One call of a provider.</summary>
internal sealed record ProxyCall(HttpRequestMessage Request, Uri Target, GrantSelector Grant, CallOptions Options, string? UserToken)
{
    public override string ToString() => "[proxy call]";
}

/// <summary>Sends calls of providers through the vault, and past it where the app opted in and the vault has declined.</summary>
internal sealed class VaultCalls(AlterOptions options, VaultExchange exchange, UserTokens tokens)
{
    private const string UrlNotAllowed = "url_not_allowed";
    private readonly Uri proxy = options.Endpoint("/sdk/proxy");

    internal UserTokens Tokens => tokens;

    internal async Task<HttpResponseMessage> SendAsync(
        ProxyCall call, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        HttpRequestMessage? last = null;
        try
        {
            return await exchange.SendAsync(send, Compose, call.Grant.ProviderId, cancellationToken).ConfigureAwait(false);
        }
        catch (AlterValueException e) when (e.Code == UrlNotAllowed && MayGoDirectly(call, last))
        {
            return await SendDirectlyAsync(call, send, cancellationToken).ConfigureAwait(false);
        }

        HttpRequestMessage Compose(Action<bool> sending) =>
            last = ProxyRequest.ToVault(call, proxy, options.ApiKey!, options.Caller, options.ForeignHosts is ForeignHosts.SendWithoutCredentials, sending);
    }

    // Over TLS only; http where the vault itself is a development one on this machine.
    private bool MayGoDirectly(ProxyCall call, HttpRequestMessage? refused) =>
        options.ForeignHosts is ForeignHosts.SendWithoutCredentials
        && refused?.Content is not OutgoingContent { CanBeSentAgain: false }
        && (call.Target.Scheme == Uri.UriSchemeHttps || (call.Target.IsLoopback && options.BaseUrl!.IsLoopback));

    private async Task<HttpResponseMessage> SendDirectlyAsync(
        ProxyCall call, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        using var timer = new HeaderTimer(options.HeaderTimeout, options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        using var request = ProxyRequest.ToForeignHost(call.Request, call.Target, timer.OnSending);
        try
        {
            return await send(request, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw ProviderUnreachableException.Timeout(options.HeaderTimeout, call.Grant.ProviderId);
        }
    }
}
