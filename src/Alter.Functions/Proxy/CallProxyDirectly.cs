using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace Alter.Functions.Proxy;

/// <summary>
/// Calls the function of proxied calls with the request itself. The worker's own way, which every other function goes, makes the function anew for each invocation and looks for a
/// converter of its only parameter; for a call that is more than half of what finding its grant takes.
/// </summary>
internal sealed class CallProxyDirectly : IFunctionsWorkerMiddleware
{
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);

        // Made here, for a vault that lacks a setting has other functions to answer with.
        return context.FunctionDefinition.Name is nameof(SendProxyRequest) && context.GetHttpContext() is { } http
            ? context.InstanceServices.GetRequiredService<SendProxyRequest>().Run(http.Request)
            : next(context);
    }
}
