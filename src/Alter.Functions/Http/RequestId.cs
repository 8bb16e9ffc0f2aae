using Alter.Forwarding;
using Alter.Storage;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>Names one request to its caller and in the log.</summary>
internal static class RequestId
{
    /// <summary>The id of a request; the first to ask makes it.</summary>
    internal static string Of(HttpContext context)
    {
        if ((RequestEntry.Of(context)?.Id ?? context.Features.Get<Made>()?.Id) is { } known)
        {
            return known;
        }

        var made = new Made(OperationId.New());
        context.Features.Set(made);
        return made.Id;
    }

    // Of a request that has no entry yet.
    private sealed record Made(string Id);
}
