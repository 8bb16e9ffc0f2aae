using System.Net.Http.Headers;
using System.Text.Json;

namespace Alter.Sdk;

/// <summary>What the caller's request becomes on its way to the vault. The caller's own message is never changed.</summary>
internal static class ProxyRequest
{
    // The vault's own limits; refused here with a name, because a front end in between would answer a bare 431.
    private const int MaxUrlLength = 8 * 1024;
    private const int MaxContextLength = 4 * 1024;
    private const int MaxReasonLength = 500;
    private const int MaxCallerLength = 200;
    private const int MaxAccountLength = 1024;

    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        // Of this hop, or the caller's credentials: the vault puts in the provider's.
        "Host", "Authorization", "Proxy-Authorization", "Cookie", "Transfer-Encoding", "Connection", "Expect",
    };

    /// <summary>The URL as it travels in the header.</summary>
    internal static string TargetOf(Uri? target)
    {
        if (target is not { IsAbsoluteUri: true } || (target.Scheme != Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttp))
        {
            throw AlterValueException.Of("The request needs an absolute URL of the provider, such as https://api.example.com/v1/events.");
        }

        if (target.UserInfo.Length > 0)
        {
            throw AlterValueException.Of("The URL holds credentials; the vault puts in the provider's.");
        }

        var host = target.HostNameType is UriHostNameType.Dns ? target.IdnHost : target.Host;
        var text = $"{target.Scheme}://{host}{(target.IsDefaultPort ? "" : $":{target.Port}")}{target.PathAndQuery}";
        return text.Length <= MaxUrlLength ? text : throw AlterValueException.TooLarge($"The URL is longer than {MaxUrlLength} characters.");
    }

    /// <summary>The request to <c>/sdk/proxy</c>.</summary>
    internal static HttpRequestMessage ToVault(
        ProxyCall call, Uri proxy, string apiKey, string? caller, bool mayGoElsewhere, Action<bool> sending)
    {
        var (request, grant, options) = (call.Request, call.Grant, call.Options);

        // A stream that may have to go elsewhere waits until the vault asks for it (RFC 9110 §10.1.1). Without a length: a client sends a short body of
        // known length even after a refusal, to keep its connection.
        var waits = mayGoElsewhere && request.Content is { } content && !OutgoingContent.IsRepeatable(content);
        var message = Copy(request, proxy, waits ? true : request.Headers.TransferEncodingChunked, sending);
        message.Headers.ExpectContinue = waits ? true : null;
        var headers = message.Headers;
        headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        Set(WireHeaders.Url, TargetOf(call.Target), MaxUrlLength);
        Set(WireHeaders.Provider, grant.ProviderId, MaxCallerLength);
        Set(WireHeaders.GrantId, grant.GrantId?.ToString("D"), MaxCallerLength);
        Set(WireHeaders.Account, grant.Account, MaxAccountLength);
        Set(WireHeaders.UserToken, call.UserToken, UserTokens.MaxLength);
        Set(WireHeaders.Caller, options.Caller ?? caller, MaxCallerLength);
        Set(WireHeaders.Reason, options.Reason, MaxReasonLength);
        Set(WireHeaders.Context, options.Context is { } context ? JsonSerializer.Serialize(context, WireJson.Default.IReadOnlyDictionaryStringString) : null, MaxContextLength);
        return message;

        void Set(string name, string? value, int limit)
        {
            if (string.IsNullOrEmpty(value))
            {
                return;
            }

            if (value.Length > limit)
            {
                throw AlterValueException.TooLarge($"{name} is longer than {limit} characters.");
            }

            if (!HeaderText.IsPlain(value))
            {
                throw AlterValueException.Of($"{name} may hold printable ASCII only{(name == WireHeaders.Account ? "; choose the account by its grant id instead" : "")}.");
            }

            headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>The request as it goes to a host that is not the provider's: with neither token nor key, and with a length, which upload URLs insist on.</summary>
    internal static HttpRequestMessage ToForeignHost(HttpRequestMessage request, Uri target, Action<bool> sending) =>
        Copy(request, target, request.Headers.TransferEncodingChunked ?? false, sending);

    private static HttpRequestMessage Copy(HttpRequestMessage request, Uri target, bool? chunked, Action<bool> sending)
    {
        var message = new HttpRequestMessage(request.Method, target);
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (name.StartsWith(WireHeaders.Prefix, StringComparison.OrdinalIgnoreCase))
            {
                throw AlterValueException.Of($"{name} is not set by hand: GrantSelector names the grant, CallOptions the rest.");
            }

            if (!Dropped.Contains(name))
            {
                message.Headers.TryAddWithoutValidation(name, values);
            }
        }

        foreach (var (key, value) in request.Options)
        {
            ((IDictionary<string, object?>)message.Options)[key] = value;
        }

        if (request.Content is { } content)
        {
            var outgoing = new OutgoingContent(content, chunked, sending);
            message.Content = outgoing;
            message.Headers.TransferEncodingChunked = outgoing.IsChunked ? true : null;
        }

        return message;
    }
}
