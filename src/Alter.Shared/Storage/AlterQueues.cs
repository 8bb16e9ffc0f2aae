using System.Text.Json;
using Azure;
using Azure.Storage.Queues;

namespace Alter.Storage;

/// <summary>The vault's queues. A message carries no authority: its consumer reads the row again and decides.</summary>
public sealed class AlterQueues
{
    public const string Refresh = "refresh";
    public const string Revoke = "revoke";

    // The host's own name for where it puts what failed too often.
    private const string PoisonSuffix = "-poison";

    private readonly QueueServiceClient service;

    public AlterQueues(AlterStorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // A version that Azurite knows too.
        var clientOptions = new QueueClientOptions(QueueClientOptions.ServiceVersion.V2025_11_05) { MessageEncoding = QueueMessageEncoding.None };
        clientOptions.Retry.NetworkTimeout = options.NetworkTimeout ?? TimeSpan.FromSeconds(5);
        clientOptions.Retry.MaxRetries = 2;
        clientOptions.Diagnostics.IsLoggingEnabled = false;
        clientOptions.Diagnostics.IsDistributedTracingEnabled = false;
        clientOptions.Transport = options.Transport ?? clientOptions.Transport;
        service = options.ConnectionString is not null
            ? new QueueServiceClient(options.ConnectionString, clientOptions)
            : new QueueServiceClient(options.Queues!, options.Credential!, clientOptions);
    }

    /// <summary>Sends one message; makes the queue where it does not exist yet.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="message">What to look at.</param>
    /// <param name="cancellationToken">Stops the sending.</param>
    /// <param name="delay">How long nobody sees it; null: at once.</param>
    /// <remarks>One queue operation.</remarks>
    public async Task SendAsync(string queue, GrantMessage message, CancellationToken cancellationToken, TimeSpan? delay = null)
    {
        var client = service.GetQueueClient(queue);
        var text = JsonSerializer.Serialize(message, GrantMessage.Json);
        try
        {
            await client.SendMessageAsync(text, visibilityTimeout: delay, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == "QueueNotFound")
        {
            await client.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await client.SendMessageAsync(text, visibilityTimeout: delay, cancellationToken: cancellationToken);
        }
    }

    /// <summary>About how many messages of a queue the host has given up.</summary>
    /// <remarks>One queue operation.</remarks>
    internal async Task<long> CountPoisonAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            return (await service.GetQueueClient(queue + PoisonSuffix).GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCountLong;
        }
        catch (RequestFailedException e) when (e.Status is 404)
        {
            return 0; // The host makes it for the first message it gives up.
        }
    }

    /// <summary>Whether the queues answer: for readiness.</summary>
    public async Task PingAsync(CancellationToken cancellationToken) =>
        await service.GetQueueClient(Refresh).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
}
