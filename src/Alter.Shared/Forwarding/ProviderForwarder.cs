using Alter.Audit;
using Alter.Egress;
using Alter.Grants;
using Alter.Refresh;
using Alter.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Alter.Forwarding;

/// <summary>Sends a prepared call and streams the answer back; neither body is ever held as a whole, but for a small one that may have to be sent again.</summary>
/// <remarks>
/// A provider that answers 401 to a token which still seems good may have ended it early. The token is then refreshed once, and a call whose body can be
/// repeated is: its length is known and at most 64 KiB. One that was refused with 401 was not carried out (RFC 9110 §15.5.2), so repeating it is safe. Where
/// the refresh shows that the user took the grant back at the provider, the vault says so instead.
/// </remarks>
public sealed class ProviderForwarder(IHttpForwarder forwarder, EgressHandlers handlers, AccessTokens tokens, GrantUse use, ILogger<ProviderForwarder> logger)
{
    /// <summary>How long a provider may be silent, before its first byte or between two; well under the platform's 230 seconds.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(100);

    /// <summary>Bodies that long at most are kept for a repetition.</summary>
    public const int RepeatableLength = 64 * 1024;

    private const string UnusedPrefix = "https://transformer"; // The transformer says the whole URL.

    private static readonly MemoryStream NoBody = new([], writable: false);
    private static readonly InvalidRequest ShortBody = new("The request's body ended before its announced length.");

    private static readonly ForwarderRequestConfig Config = new()
    {
        ActivityTimeout = Silence,
        Version = System.Net.HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    /// <summary>Forwards the call.</summary>
    /// <param name="context">The request, and the answer to it.</param>
    /// <param name="call">What is sent.</param>
    /// <param name="recorded">Awaited before the first byte of the provider's answer is released; false: none ever is.</param>
    /// <returns>
    /// Null once an answer was begun or the caller left; else, the response untouched, <see cref="ProviderUnreachable"/>, <see cref="ProviderTimeout"/>,
    /// <see cref="Providers.UrlNotAllowed"/> where the name leads to an address that is not public, <see cref="CredentialRevoked"/>, <see cref="GrantRevoked"/>,
    /// <see cref="AuditUnavailable"/>.
    /// </returns>
    public async Task<Refusal?> ForwardAsync(HttpContext context, PreparedCall call, Func<Task<bool>> recorded)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(call);
        use.Note(call.Token.Grant);
        var invoker = handlers.ForProviderCalls(call.Provider.Definition.AllowInsecureLocal ? EgressScope.LoopbackToo : EgressScope.Public);
        MemoryStream? body;
        try
        {
            body = await RepeatableBodyAsync(context);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return context.RequestAborted.IsCancellationRequested ? null : ShortBody;
        }

        var clock = context.Features.Get<CallClock>();
        var repeats = body is null ? null : tokens;
        CallTransformer transformer;
        ForwarderError error;
        for (var sent = call; ;)
        {
            // Each exchange is a span of its own, and the provider hears of that one.
            using var span = OutgoingSpan.Start(context.Request.Method, sent.Target.Uri, context.Request.Headers.TraceParent.ToString());
            span?.SetTag("alter.app", sent.Token.Grant.Place.App).SetTag("alter.provider", sent.Provider.Definition.Id);
            transformer = new CallTransformer(sent, repeats, recorded, logger) { Span = span, Clock = clock };
            error = await forwarder.SendAsync(context, UnusedPrefix, invoker, Config, transformer, context.RequestAborted);
            if (error is not ForwarderError.None)
            {
                OutgoingSpan.Failed(span, error.ToString());
            }

            if (transformer.Instead is not { } instead || body is null)
            {
                break;
            }

            // Of an answer that is kept back, or broke, status and headers may have been taken over; what comes instead wants a response nobody touched. What every answer carries is added as it starts.
            context.Response.Clear();
            if (!instead.Succeeded(out var token, out var ended))
            {
                return ended;
            }

            body.Position = 0;
            (sent, repeats) = (call with { Token = token }, null);
        }

        if (transformer.IsWithheld)
        {
            context.Response.Clear();
            return new AuditUnavailable();
        }

        if (error is ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }

        context.Response.Clear();
        var provider = call.Provider.Definition.Id;
        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var fault = EgressException.From(cause ?? new HttpRequestException(), call.Target.Host);
        Log.NotForwarded(logger, provider, error, fault.Fault);
        return error switch
        {
            ForwarderError.RequestTimedOut => new ProviderTimeout($"The provider sent nothing for {Silence.TotalSeconds:0} seconds.", provider),
            ForwarderError.RequestBodyClient => ShortBody,
            _ when fault.Fault is EgressFault.ForbiddenAddress => call.Target.NotAllowed(call.Provider.Definition.ApiHosts),
            _ when fault.Fault is EgressFault.Timeout => new ProviderTimeout(fault.Message, provider),
            _ => new ProviderUnreachable(fault.Message, provider),
        };
    }

    // The body in memory where it can be sent twice, in the request's place; null where it streams or is large.
    private static async ValueTask<MemoryStream?> RepeatableBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return NoBody;
        }

        if (context.Request.ContentLength is null or > RepeatableLength)
        {
            return null;
        }

        var body = new MemoryStream((int)context.Request.ContentLength.Value);
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        context.Request.Body = body;
        return body;
    }
}
