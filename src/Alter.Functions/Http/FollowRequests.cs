using Alter.Audit;
using Alter.Forwarding;
using Alter.Policies;
using Alter.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Alter.Functions.Http;

/// <summary>
/// Begins the entry of every request. Once that is answered, by whomever and however it failed, counts calls and refusals, and records what no function has: every refusal of a request
/// whose app key was good, and the end of a call that failed unexpectedly. Requests without a good key leave no trace in storage: anyone could fill it.
/// </summary>
internal sealed class FollowRequests(IServiceProvider services, TimeProvider time) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, following) =>
        {
            var request = RequestEntry.Begin(context, OperationId.New(), time.GetUtcNow()); // Random as a Guid is, without asking the kernel each time.
            try
            {
                await following(context);
            }
            finally
            {
                Count(context, request);
                Record(context, request);
            }
        });
        next(app);
    };

    private void Record(HttpContext context, RequestEntry request)
    {
        if (request.App.Length > 0 && (request.IsOpen || (request.End is null && request.Refusal is not null)))
        {
            // Not the request's own services: the worker has ended their scope with the function.
            int? status = request.Refusal is not null || context.Response.HasStarted ? context.Response.StatusCode : null;
            services.GetRequiredService<AuditRecord>().Note(request.ToEnd(grant: null, request.Refusal, time.GetUtcNow(), AuditOutcomes.CutOff, status));
        }
    }

    private static void Count(HttpContext context, RequestEntry request)
    {
        if (request.Refusal is { } refusal)
        {
            DenialMetrics.Count(request.App, refusal);
        }

        if (RequestEntry.IsCall(context.Request.Path))
        {
            CallMetrics.Count(
                request.App,
                request.End?.Provider ?? request.Provider,
                request.End?.Outcome ?? request.Refusal?.Code ?? AuditOutcomes.CutOff,
                request.Refusal is not null ? context.Response.StatusCode : request.End?.Status);
        }
    }
}
