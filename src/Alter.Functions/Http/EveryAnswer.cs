using Alter.Forwarding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>What every answer of the vault carries. An answer without the request id came from the platform in front.</summary>
internal sealed class EveryAnswer : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            context.Response.OnStarting(static state =>
            {
                var context = (HttpContext)state;
                var headers = context.Response.Headers;
                headers[ResponseHeaders.RequestId] = RequestId.Of(context);
                if (RequestEntry.Of(context)?.KeyIsDeprecated is true) // Only now, because every such header is removed from a provider's answer.
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
}
