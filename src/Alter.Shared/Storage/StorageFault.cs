using Azure;
using Azure.Identity;

namespace Alter.Storage;

/// <summary>What the clients of tables and queues throw while storage does not answer, answers with an error, or nobody can sign in to ask it.</summary>
public static class StorageFault
{
    /// <summary>Whether it is one. After its own retries the client throws all their causes together.</summary>
    public static bool Is(Exception exception) => exception is RequestFailedException or AggregateException or TaskCanceledException or AuthenticationFailedException;
}
