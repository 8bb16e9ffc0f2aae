using Alter.Storage;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>Names one request to its caller and in the log.</summary>
internal static class RequestId
{
    private static readonly object Item = new();

    /// <summary>The id of a request; the first to ask makes it.</summary>
    internal static string Of(HttpContext context)
    {
        if ((RequestEntry.Of(context)?.Id ?? Known(context)) is { } known)
        {
            return known;
        }

        var made = OperationId.New();
        context.Items[Item] = made;
        return made;
    }

    /// <summary>The id of a request that was asked for before it had an entry; null: it was not.</summary>
    internal static string? Known(HttpContext context) => context.Items.TryGetValue(Item, out var known) ? known as string : null;
}
