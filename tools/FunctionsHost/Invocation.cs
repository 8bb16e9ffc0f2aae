using Alter.FunctionsHost.Protocol;

namespace Alter.FunctionsHost;

/// <summary>Runs a function that is not triggered by HTTP, on whichever worker it is the turn of.</summary>
/// <exception cref="InvocationFailedException">It failed, which has been logged.</exception>
internal delegate Task RunFunction(
    FunctionDefinition function, TypedData input, IReadOnlyDictionary<string, TypedData> metadata, CancellationToken cancellationToken);

/// <summary>Builds the message that makes a worker run a function.</summary>
internal static class Invocation
{
    public static InvocationRequest Create(
        string id, FunctionDefinition function, TypedData input, IReadOnlyDictionary<string, TypedData> metadata, RpcTraceContext? trace) => new()
        {
            InvocationId = id,
            FunctionId = function.Id,
            InputData = { new ParameterBinding { Name = function.Trigger.Parameter, Data = input } },
            TriggerMetadata = { metadata.ToDictionary() },
            TraceContext = trace ?? new RpcTraceContext(), // Without one, however empty, the worker fails with a null reference.
        };
}
