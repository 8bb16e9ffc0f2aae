using Alter.Audit;
using Alter.Forwarding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Alter.Functions.Http;

/// <summary>
/// Records every refusal of a request whose app key was good, by whichever function, and the end of a call that failed unexpectedly. Requests without one leave no trace in storage: anyone could fill it.
/// </summary>
internal sealed class RecordDenials(IServiceProvider services, TimeProvider time) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, following) =>
        {
            var request = RequestEntry.Begin(context, time.GetUtcNow());
            try
            {
                await following(context);
            }
            finally
            {
                var isOpen = RecordedCall.IsOpen(context);
                if (request.App.Length > 0 && (isOpen is true || (isOpen is null && request.Refusal is not null)))
                {
                    // Not the request's own services: the worker has ended their scope with the function.
                    services.GetRequiredService<AuditRecord>().Note(request.ToEntry().EndedBy(request.Refusal, time.GetUtcNow(), AuditOutcomes.CutOff, context.Response.StatusCode));
                }
            }
        });
        next(app);
    };
}
