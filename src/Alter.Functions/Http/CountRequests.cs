using Alter.Audit;
using Alter.Forwarding;
using Alter.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>Counts every call through the proxy and every refusal, whoever answered it and however it failed.</summary>
internal sealed class CountRequests : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, following) =>
        {
            try
            {
                await following(context);
            }
            finally
            {
                Count(context);
            }
        });
        next(app);
    };

    private static void Count(HttpContext context)
    {
        if (RequestEntry.Of(context) is not { } request)
        {
            return;
        }

        if (request.Refusal is { } refusal)
        {
            DenialMetrics.Count(request.App, refusal);
        }

        if (RequestEntry.IsCall(context.Request.Path))
        {
            var end = RecordedCall.EndOf(context);
            CallMetrics.Count(
                request.App,
                end?.Provider ?? request.Provider,
                end?.Outcome ?? request.Refusal?.Code ?? AuditOutcomes.CutOff,
                request.Refusal is not null ? context.Response.StatusCode : end?.Status);
        }
    }
}
