using Alter.Apps;
using Alter.Functions.Health;
using Alter.Keys;
using Alter.Storage;
using Azure;
using Azure.Identity;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Alter.Functions.Http;

/// <summary>
/// Turns surprises into problem documents: what the vault stands on being down is <c>vault_unavailable</c>, everything else <c>internal_error</c>.
/// Timers and queue functions keep their exceptions, which the host logs and repeats.
/// </summary>
internal sealed class AnswerUnexpectedErrors(ConfigurationSource configuration, CallerAddresses addresses, IConfiguration settings, ILogger<AnswerUnexpectedErrors> logger) : IFunctionsWorkerMiddleware
{
    // Settings do not change while a process lives, and with a managed identity reading them makes its whole client.
    private readonly bool hasStorage = AlterStorageOptions.From(settings) is not null;

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is not { } http)
        {
            await next(context);
            return;
        }

        if (!IsHealth(context.FunctionDefinition.Name) && (configuration.Current is null || !hasStorage))
        {
            await Problems.From(new VaultUnavailable("The vault is not configured. /health/ready names what is missing.")).ExecuteAsync(http);
            return;
        }

        try
        {
            await addresses.NoteAsync(context, http);
            await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left: nobody reads an answer.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            var cause = e is AggregateException { InnerException: { } inner } ? inner : e;
            var refusal = IsOutage(cause) ? (Refusal)new VaultUnavailable("Storage or keys cannot be reached right now. Nothing was released; repeat the call.") : new InternalError();
            if (refusal is InternalError)
            {
                Log.Unexpected(logger, context.FunctionDefinition.Name, RequestId.Of(http), cause);
            }
            else
            {
                // Only the kind: an SDK's message may quote URLs and bodies.
                Log.Outage(logger, context.FunctionDefinition.Name, RequestId.Of(http), cause.GetType().Name, (cause as RequestFailedException)?.Status ?? 0);
            }

            await Problems.From(refusal).ExecuteAsync(http);
        }
    }

    private static bool IsHealth(string function) => function is nameof(ReportLiveness) or nameof(ReportReadiness);

    private static bool IsOutage(Exception e) => e is RequestFailedException or KeySourceException or AuthenticationFailedException or TaskCanceledException or TimeoutException;
}
