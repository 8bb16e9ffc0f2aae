using Azure.Storage.Queues;

namespace Alter.FunctionsHost;

/// <summary>Finds the queue a trigger means, through the settings its connection names.</summary>
internal static class QueueConnection
{
    private const string HostConnection = "AzureWebJobsStorage";

    // The newest version that Azurite 3.35 takes without --skipApiVersionCheck.
    private const QueueClientOptions.ServiceVersion AzuriteKnows = QueueClientOptions.ServiceVersion.V2025_11_05;

    /// <returns>The queue and its poison queue, or null with the reason.</returns>
    public static (QueueClient Queue, QueueClient Poison)? Open(QueueTrigger trigger, Settings settings, out string fault)
    {
        if (!settings.TryResolve(trigger.QueueName, out var name))
        {
            fault = $"its queue name needs the setting \"{name}\"";
            return null;
        }

        var connection = string.IsNullOrEmpty(trigger.Connection) ? HostConnection : trigger.Connection;
        if ((settings[$"AzureWebJobs{connection}"] ?? settings[connection]) is not { Length: > 0 } connectionString)
        {
            fault = settings[$"{connection}__queueServiceUri"] is null
                ? $"its connection needs the setting \"{connection}\", such as UseDevelopmentStorage=true"
                : $"its connection \"{connection}__queueServiceUri\" needs an Azure identity, which this local host does not use; set \"{connection}\" to a connection string";
            return null;
        }

        try
        {
            // The listener decodes by itself: a message that is no base64 must still reach the poison queue.
            var options = new QueueClientOptions(AzuriteKnows) { MessageEncoding = QueueMessageEncoding.None };
            fault = "";
            return (new QueueClient(connectionString, name, options), new QueueClient(connectionString, $"{name}-poison", options));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            fault = $"the setting \"{connection}\" is no storage connection string"; // Its text holds a key and stays out.
            return null;
        }
    }
}
