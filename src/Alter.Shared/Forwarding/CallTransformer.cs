using System.Diagnostics;
using System.Net.Http.Headers;
using Alter.Egress;
using Alter.Refresh;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Alter.Forwarding;

/// <summary>Makes the provider's request out of the caller's, and the caller's answer out of the provider's.</summary>
/// <param name="call">What is sent.</param>
/// <param name="repeats">Asked for another token where the provider refuses this one; null: the call cannot be repeated.</param>
/// <param name="recorded">True once the call is in the record; false: it never will be, and nothing is released.</param>
/// <param name="logger">For what is removed.</param>
internal sealed class CallTransformer(PreparedCall call, AccessTokens? repeats, Func<Task<bool>> recorded, ILogger logger) : HttpTransformer
{
    private const string TraceParent = "traceparent";

    private static readonly string[] OfTheHost = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-MS-Invocation-Id"];

    private readonly string token = call.Token.Token.Reveal();

    /// <summary>The token to repeat the call with, or that the grant has ended: set where the provider's refusal was kept back.</summary>
    internal Outcome<UsableToken>? Instead { get; private set; }

    /// <summary>The answer was kept back, because the call could not be recorded.</summary>
    internal bool IsWithheld { get; private set; }

    /// <summary>The vault's span of this exchange; null: nobody listens, and the caller's trace passes through as it came.</summary>
    internal Activity? Span { get; init; }

    /// <summary>Null: nobody listens.</summary>
    internal CallClock? Clock { get; init; }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        DropWhatEveryCallHas(httpContext.Request.Headers);
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = call.Target.Uri;
        proxyRequest.Headers.Host = null; // From the URL, so that name and certificate agree.

        // RFC 9110 §7.6.1: what Connection names is of this connection too.
        var connection = httpContext.Request.Headers.Connection;
        var nominated = connection.Count is 0 ? [] : connection.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries)).ToArray();
        List<string>? dropped = null;
        foreach (var (name, _) in proxyRequest.Headers.NonValidated)
        {
            if (!ForwardedHeaders.PassesToProvider(name) || nominated.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                (dropped ??= []).Add(name);
            }
        }

        foreach (var name in dropped ?? [])
        {
            proxyRequest.Headers.Remove(name);
        }

        if (Span is not null)
        {
            proxyRequest.Headers.Remove(TraceParent);
            proxyRequest.Headers.TryAddWithoutValidation(TraceParent, Span.Id); // W3C Trace Context §3.2.
        }

        // Last, on the final message: nothing after this can be mistaken for the caller's.
        proxyRequest.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Clock?.Sent();
    }

    // They are read by now, and most of all there are: not copied first. Whatever else must not pass is taken out of the copy.
    private static void DropWhatEveryCallHas(IHeaderDictionary received)
    {
        ControlHeaders.Remove(received);
        foreach (var name in OfTheHost)
        {
            received.Remove(name);
        }

        received.Authorization = default;
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return true; // No answer: the caller of the forwarder says why.
        }

        Clock?.Answered();
        OutgoingSpan.Answered(Span, (int)proxyResponse.StatusCode);
        if (proxyResponse.StatusCode is System.Net.HttpStatusCode.SwitchingProtocols)
        {
            throw new EgressException(EgressFault.BrokenAnswer, $"{call.Target.Host} switched to a protocol that nobody asked for."); // Upgrade is refused.
        }

        if (proxyResponse.StatusCode is System.Net.HttpStatusCode.Unauthorized && repeats is not null
            && (Instead = await repeats.GetAnotherAsync(call.Token, call.Provider, httpContext.RequestAborted)) is not null)
        {
            return false;
        }

        if (!await recorded())
        {
            IsWithheld = true;
            return false;
        }

        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var response = httpContext.Response;
        List<string>? dropped = null;
        foreach (var (name, values) in response.Headers)
        {
            if (!ForwardedHeaders.PassesToCaller(name))
            {
                (dropped ??= []).Add(name);
            }
            else if (HoldsToken(values))
            {
                (dropped ??= []).Add(name);
                Log.TokenEchoed(logger, call.Provider.Definition.Id, name);
            }
        }

        foreach (var name in dropped ?? [])
        {
            response.Headers.Remove(name);
        }

        // A client that follows redirects would carry the user's JWT to another host. Every 3xx: .NET follows 300 as well, curl whatever has a Location.
        if (!call.KeepsLocation && response.StatusCode is >= 300 and < 400 && response.Headers.Location is { Count: > 0 } location)
        {
            response.Headers.Remove("Location");
            response.Headers[ResponseHeaders.Location] = location;
        }

        if (response.StatusCode is StatusCodes.Status403Forbidden && call.MissingScopes is { Count: > 0 } missing)
        {
            response.Headers[ResponseHeaders.ScopeMismatch] = string.Join(' ', missing);
        }

        response.Headers[ResponseHeaders.GrantId] = call.Token.Grant.Id.ToString("D");
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = "*";
        Clock?.Released(call.Provider.Definition.Id);
        return true;
    }

    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        if (httpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers)
        {
            foreach (var (name, values) in proxyResponse.TrailingHeaders)
            {
                var kept = values.ToArray();
                if (ForwardedHeaders.PassesToCaller(name) && !kept.Any(value => value.Contains(token, StringComparison.Ordinal)))
                {
                    trailers.Append(name, kept);
                }
            }
        }

        return default;
    }

    private bool HoldsToken(StringValues values)
    {
        foreach (var value in values)
        {
            if (value?.Contains(token, StringComparison.Ordinal) is true)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The headers the vault adds to a provider's answer.</summary>
public static class ResponseHeaders
{
    public const string GrantId = "X-Alter-Grant-Id";
    public const string RequestId = "X-Alter-Request-Id";
    public const string Error = "X-Alter-Error";
    public const string Location = "X-Alter-Location";
    public const string ScopeMismatch = "X-Alter-Scope-Mismatch";

    /// <summary>The app key is to be replaced.</summary>
    public const string KeyDeprecated = "X-Alter-Key-Deprecated";

    /// <summary>Of a listing: asks for what follows.</summary>
    public const string NextCursor = "X-Alter-Next-Cursor";
}
