using System.Net;

namespace Alter.Sdk;

/// <summary>Redirects of the provider, which arrive in <c>X-Alter-Location</c> so that nobody follows them by accident.</summary>
internal static class Redirection
{
    /// <summary>As many as RFC 9110's predecessors suggested as enough, and a loop stays short.</summary>
    internal const int MaxHops = 10;

    /// <summary>Where the answer redirects to; null where it does not.</summary>
    internal static Uri? Of(HttpResponseMessage response, Uri target)
    {
        if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
        {
            return null;
        }

        var text = WireHeaders.Read(response, WireHeaders.Location) ?? response.Headers.Location?.OriginalString;

        // RFC 9110 §10.2.2: relative to the URL that was asked for, which is the provider's, not the vault's.
        return text is not null && Uri.TryCreate(target, text, out var location) && (location.Scheme == Uri.UriSchemeHttps || location.Scheme == Uri.UriSchemeHttp)
            ? location
            : null;
    }

    /// <summary>Whether the SDK follows it itself.</summary>
    internal static bool IsFollowed(HttpRequestMessage request, Uri from, Uri to) =>
        (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head)
        && request.Content is null
        && !(from.Scheme == Uri.UriSchemeHttps && to.Scheme != Uri.UriSchemeHttps); // No step down from TLS.

    /// <summary>Gives the answer the <c>Location</c> the provider sent, absolute.</summary>
    internal static void Restore(HttpResponseMessage response, Uri location)
    {
        response.Headers.Remove(WireHeaders.Location);
        response.Headers.Location = location;
    }
}
