using System.Net;

namespace Alter.Egress;

/// <summary>Lets only https pass, and http to a loopback host where the scope includes it; what changes things is sent once.</summary>
internal sealed class GuardedRequests(EgressScope scope, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } uri || !Permits(uri, scope))
        {
            throw new EgressException(EgressFault.ForbiddenAddress, "Only https is called, and plain http on loopback in Development.");
        }

        // .NET would check the certificate against a Host header instead of the URL's host (RFC 9110 §4.3.4 wants the latter).
        request.Headers.Host = null;

        // Measured: .NET repeats a bodiless request, a POST too, when a kept connection breaks before the answer; with a body it never does.
        // RFC 9110 §9.2.2 allows that for idempotent methods only.
        if (request.Method == HttpMethod.Post || request.Method == HttpMethod.Patch)
        {
            request.Content ??= new ByteArrayContent([]);
        }

        return base.SendAsync(request, cancellationToken);
    }

    internal static bool Permits(Uri uri, EgressScope scope) =>
        uri.Scheme == Uri.UriSchemeHttps
        || (uri.Scheme == Uri.UriSchemeHttp && scope is EgressScope.LoopbackToo && IsLoopbackHost(uri));

    // Uri takes more addresses of IPv6 for loopback.
    private static bool IsLoopbackHost(Uri uri) => uri.HostNameType switch
    {
        UriHostNameType.IPv4 => uri.IsLoopback,
        UriHostNameType.IPv6 => IPAddress.TryParse(uri.IdnHost, out var address) && IPAddress.IsLoopback(address),
        _ => uri.Host is "localhost",
    };
}
