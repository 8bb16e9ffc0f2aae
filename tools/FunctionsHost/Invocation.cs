using Alter.FunctionsHost.Protocol;

namespace Alter.FunctionsHost;

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
