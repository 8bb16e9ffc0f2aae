using Alter.Egress;
using Alter.Grants;
using Alter.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Alter.Forwarding;

/// <summary>Sends a prepared call and streams the answer back; neither body is ever held as a whole.</summary>
public sealed class ProviderForwarder(IHttpForwarder forwarder, EgressHandlers handlers, GrantUse use, ILogger<ProviderForwarder> logger)
{
    /// <summary>How long a provider may be silent, before its first byte or between two; well under the platform's 230 seconds.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(100);

    private static readonly ForwarderRequestConfig Config = new()
    {
        ActivityTimeout = Silence,
        Version = System.Net.HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    /// <summary>Forwards the call.</summary>
    /// <returns>
    /// Null once an answer was begun or the caller left; else, the response untouched, <see cref="ProviderUnreachable"/>, <see cref="ProviderTimeout"/>,
    /// <see cref="Providers.UrlNotAllowed"/> where the name leads to an address that is not public.
    /// </returns>
    public async Task<Refusal?> ForwardAsync(HttpContext context, PreparedCall call)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(call);
        use.Note(call.Token.Grant);
        var invoker = handlers.ForProviderCalls(call.Provider.Definition.AllowInsecureLocal ? EgressScope.LoopbackToo : EgressScope.Public);
        var origin = call.Target.Uri.GetLeftPart(UriPartial.Authority);
        var error = await forwarder.SendAsync(context, origin, invoker, Config, new CallTransformer(call, logger), context.RequestAborted);
        if (error is ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }

        var provider = call.Provider.Definition.Id;
        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var fault = EgressException.From(cause ?? new HttpRequestException(), call.Target.Host);
        Log.NotForwarded(logger, provider, error, fault.Fault);
        return error switch
        {
            ForwarderError.RequestTimedOut => new ProviderTimeout($"The provider sent nothing for {Silence.TotalSeconds:0} seconds.", provider),
            ForwarderError.RequestBodyClient => new InvalidRequest("The request's body ended before its announced length."),
            _ when fault.Fault is EgressFault.ForbiddenAddress => call.Target.NotAllowed(call.Provider.Definition.ApiHosts),
            _ when fault.Fault is EgressFault.Timeout => new ProviderTimeout(fault.Message, provider),
            _ => new ProviderUnreachable(fault.Message, provider),
        };
    }
}
