using Azure;

namespace Alter.Storage;

/// <summary>What the clients of tables and queues throw while storage does not answer, or answers with an error.</summary>
public static class StorageFault
{
    /// <summary>Whether it is one. After its own retries the client throws all their causes together.</summary>
    public static bool Is(Exception exception) => exception is RequestFailedException or AggregateException or TaskCanceledException;
}
