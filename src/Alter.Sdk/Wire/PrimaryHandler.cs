using System.Net;

namespace Alter.Sdk;

/// <summary>The handler at the bottom: no redirects, no cookies, decompression.</summary>
internal static class PrimaryHandler
{
    internal static SocketsHttpHandler Create() => new()
    {
        // A redirect followed here would carry the app key and the user's JWT to whatever host it names.
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // Sees a vault that moved.
    };

    /// <summary>Throws where the handler below would follow redirects on its own.</summary>
    internal static void RefuseRedirects(HttpMessageHandler? handler)
    {
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        if (handler is SocketsHttpHandler { AllowAutoRedirect: true } or HttpClientHandler { AllowAutoRedirect: true })
        {
            throw new InvalidOperationException(
                "The primary handler below UseAlter follows redirects and would carry the user's token to other hosts. Set AllowAutoRedirect = false on it, or leave the primary handler to UseAlter.");
        }
    }
}
