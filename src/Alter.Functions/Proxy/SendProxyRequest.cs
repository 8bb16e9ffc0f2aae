using Alter.Apps;
using Alter.Forwarding;
using Alter.Functions.Http;
using Alter.Grants;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Proxy;

/// <summary><c>/sdk/proxy</c>: one provider call with the credential injected; request and answer are streamed.</summary>
public sealed class SendProxyRequest(CallerAuthentication callers, RecordedCall recorded, TimeProvider time)
{
    // It writes the response itself: a result beside a streamed body would be a second answer. The caller's leaving ends it; a token as a parameter would cost each call its binding.
    [Function(nameof(SendProxyRequest))]
    public async Task Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "sdk/proxy")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var context = request.HttpContext;
        CallClock.Start(context, time);
        var entry = RequestEntry.Of(context) ?? RequestEntry.Begin(context, RequestId.Of(context), time.GetUtcNow());
        if ((await ReadAsync(request, entry, context.RequestAborted)).Succeeded(out var call, out var refusal))
        {
            refusal = await recorded.RunAsync(context, entry, call, Problems.StatusOf, context.RequestAborted);
        }

        if (refusal is not null)
        {
            await Problems.From(refusal).ExecuteAsync(context);
        }
    }

    // In the contract's order: app key, scope, control headers and raw URL, user token; then, where it is run, provider, grant, host, status, scopes, policy, token.
    private async ValueTask<Outcome<IncomingCall>> ReadAsync(HttpRequest request, RequestEntry entry, CancellationToken cancellationToken)
    {
        if (!callers.Identify(request, AppKeyScopes.ProxyExecute).Succeeded(out var caller, out var refusal)
            || !ControlHeaders.Read(request.Headers).Succeeded(out var headers, out refusal))
        {
            return refusal;
        }

        entry.Provider = headers.ProviderId is { } named && caller.App.Providers.ContainsKey(named) ? named : null;
        entry.Caller = headers.CallerLabel;
        entry.Reason = headers.ReasonText;
        entry.Context = headers.ContextEntries;
        entry.GrantId = Guid.TryParseExact(headers.GrantIdText, "D", out var grantId) ? grantId : null; // As named; whose it is, its finding says.
        if (!ProviderCall.ReadTarget(caller.App, headers.TargetText).Succeeded(out var target, out refusal))
        {
            return refusal;
        }

        entry.Url = target.WithoutQuery;
        if (request.QueryString.HasValue)
        {
            return InvalidRequest.Field(ControlHeaders.Url, "The query belongs into this header; the vault's own URL has none.");
        }

        if (!(await callers.IdentifyOwnerAsync(caller, request, headers.GrantIdText is not null, cancellationToken)).Succeeded(out var scope, out refusal))
        {
            return refusal;
        }

        return new IncomingCall
        {
            App = caller.App,
            Key = caller.Key,
            Owner = scope.Owner,
            Groups = scope.Groups,
            CallerAddress = CallerAddresses.Of(request.HttpContext),
            Method = request.Method,
            Target = target,
            ProviderId = headers.ProviderId,
            GrantIdText = headers.GrantIdText,
            AccountText = headers.AccountText,
            KeepsLocation = headers.KeepsLocation,
        };
    }
}
