using System.Collections.Concurrent;
using Azure;
using Microsoft.Extensions.Logging;

namespace Alter.Grants;

/// <summary>Notes when grants are used: off the path, at most every five minutes per grant and process.</summary>
public sealed class GrantUse(GrantStore store, TimeProvider time, ILogger<GrantUse> logger)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> noted = new();

    /// <summary>Notes a use; the caller does not wait for it.</summary>
    public void Note(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var now = time.GetUtcNow();
        if (noted.TryGetValue(grant.Id, out var last) && now - last < Interval)
        {
            return;
        }

        if (noted.Count >= MaxRemembered)
        {
            noted.Clear(); // Forgetting costs a write, not a fact.
        }

        noted[grant.Id] = now;
        _ = WriteAsync(grant);
    }

    private async Task WriteAsync(Grant grant)
    {
        try
        {
            await store.NoteUseAsync(grant);
        }
        catch (Exception e) when (e is RequestFailedException or TaskCanceledException or AggregateException)
        {
            Log.LastUsedNotWritten(logger, grant.Id, e);
        }
    }
}
