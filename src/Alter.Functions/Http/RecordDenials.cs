using Alter.Audit;
using Alter.Forwarding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Alter.Functions.Http;

/// <summary>
/// Records every refusal of a request whose app key was good, by whichever function. Requests without one leave no trace in storage: anyone could fill it.
/// </summary>
internal sealed class RecordDenials(TimeProvider time) : IStartupFilter
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
                if (request is { Refusal: { } refusal, Entry.App.Length: > 0 } && !RecordedCall.HasRecorded(context))
                {
                    context.RequestServices.GetRequiredService<AuditRecord>().Note(request.Entry.EndedBy(refusal, time.GetUtcNow()) with { Status = context.Response.StatusCode });
                }
            }
        });
        next(app);
    };
}
