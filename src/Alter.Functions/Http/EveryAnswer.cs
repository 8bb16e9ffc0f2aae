using Alter.Forwarding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>What every answer of the vault carries. An answer without the request id came from the platform in front.</summary>
internal sealed class EveryAnswer : IStartupFilter
{
    /// <summary>The answer will say that its caller's app key is deprecated. Last of all, because of a provider's answer every such header is removed.</summary>
    internal static void SayKeyIsDeprecated(HttpContext context) => context.Features.Set(Deprecated.Key);

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            context.Response.OnStarting(static state =>
            {
                var context = (HttpContext)state;
                var headers = context.Response.Headers;
                headers[ResponseHeaders.RequestId] = RequestId.Of(context);
                if (context.Features.Get<Deprecated>() is not null)
                {
                    headers[ResponseHeaders.KeyDeprecated] = "true";
                }

                headers.TryAdd("Cache-Control", "no-store");
                if (!headers.ContainsKey(ResponseHeaders.GrantId)) // A provider's answer goes to a backend, which asked for it as it is; a browser that asks is refused.
                {
                    headers.XContentTypeOptions = "nosniff";
                    headers.TryAdd("Referrer-Policy", "no-referrer");
                }

                return Task.CompletedTask;
            }, context);
            return following(context);
        });
        next(app);
    };

    private sealed class Deprecated
    {
        internal static readonly Deprecated Key = new();
    }
}
