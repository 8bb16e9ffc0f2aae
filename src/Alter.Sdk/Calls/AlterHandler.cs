namespace Alter.Sdk;

/// <summary>Sends the requests of a client to the vault instead of the provider; the client does not notice.</summary>
/// <remarks>
/// <code>
///  1 grant, options, user token ─► 2 copy of the message to /sdk/proxy ─► vault ─► provider
///                                     │ url_not_allowed, opted in                     │
///                                     └─► 3 foreign host, without credentials         ▼
///  5 the caller's message as RequestMessage ◄── 4 GET, HEAD: next hop, from 2 ◄── X-Alter-Location
/// </code>
/// </remarks>
internal sealed class AlterHandler(VaultCalls calls, GrantSelector grant) : DelegatingHandler
{
    private bool isChecked;

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Calls through the vault are asynchronous: use SendAsync.");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!isChecked)
        {
            PrimaryHandler.RefuseRedirects(InnerHandler);
            isChecked = true;
        }

        // 1. Read now, not when the client was made: a client outlives the request it was made in.
        var chosen = request.Options.TryGetValue(GrantSelector.Key, out var selector) ? selector : grant;
        var options = request.Options.TryGetValue(CallOptions.Key, out var given) ? given : CallOptions.None;
        chosen.ThrowIfEmpty(nameof(request));
        _ = ProxyRequest.TargetOf(request.RequestUri);
        var token = await calls.Tokens.ForCallAsync(options.UserToken, chosen.GrantId is not null, cancellationToken).ConfigureAwait(false);

        var target = request.RequestUri!;
        for (var hops = 0; ; hops++)
        {
            // 2, 3.
            var call = new ProxyCall(request, target, chosen, options, token);
            var response = await calls.SendAsync(call, base.SendAsync, cancellationToken).ConfigureAwait(false);
            if (Redirection.Of(response, target) is { } location)
            {
                // 4. Each hop passes the vault, which checks its host; a redirect never carries a token anywhere.
                if (hops < Redirection.MaxHops && Redirection.IsFollowed(request, target, location))
                {
                    response.Dispose();
                    target = location;
                    continue;
                }

                Redirection.Restore(response, location);
            }

            // 5. As every handler that follows redirects: the message names the URL that answered. Without one it is as it was.
            response.RequestMessage = request;
            if (hops > 0)
            {
                request.RequestUri = target;
            }

            return response;
        }
    }
}
