using System.Text;
using Alter.FunctionsHost.Protocol;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Alter.FunctionsHost;

/// <summary>Feeds one queue function: a message is hidden while in work, deleted on success, shown again on failure, and set aside as poison after too many tries.</summary>
internal sealed class QueueListener(
    FunctionDefinition function, QueueClient queue, QueueClient poison, QueueConfiguration configuration, RunFunction run, HostLog log, TimeProvider time)
{
    // Azure's, and not to be configured: a message whose host died comes back after this long.
    private static readonly TimeSpan InWork = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private int inWork;
    private TaskCompletionSource roomMade = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FunctionDefinition Function => function;

    /// <summary>Polls until stopped; then waits for the messages in work.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var pause = ShortestPause;
        var unreachable = false;
        var work = new List<Task>();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await RoomAsync(stopping);
                var messages = await ReceiveAsync(stopping);
                unreachable = false;
                work.RemoveAll(t => t.IsCompleted);
                work.AddRange(messages.Select(m => WorkAsync(m, stopping)));
                pause = messages.Length > 0 ? ShortestPause : Shorter(pause * 2, configuration.MaxPollingInterval);
                if (messages.Length == 0)
                {
                    await Task.Delay(pause, time, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is RequestFailedException or AggregateException)
            {
                if (!unreachable)
                {
                    log.Host(LogLevel.Warning, $"Queue {queue.Name} cannot be read: {FirstLine(e)}", "Host.Queues");
                }

                unreachable = true;
                await Task.Delay(configuration.MaxPollingInterval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(work);
    }

    /// <summary>Runs the function with a text that never was in the queue.</summary>
    public Task FireAsync(string text, CancellationToken cancellationToken) =>
        run(function, TriggerMetadata.Text(text), TriggerMetadata.OfJson(Encoding.UTF8.GetBytes(text)), cancellationToken);

    /// <summary>Works one message to its end.</summary>
    internal async Task HandleAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        // Only a host that died in the last try leaves such a message behind.
        if (message.DequeueCount > configuration.MaxDequeueCount)
        {
            await SetAsideAsync(message);
            return;
        }

        if (await SucceedsAsync(message, cancellationToken))
        {
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
        }
        else if (message.DequeueCount >= configuration.MaxDequeueCount)
        {
            await SetAsideAsync(message);
        }
        else
        {
            await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, message.Body, configuration.VisibilityTimeout, CancellationToken.None);
        }
    }

    private async Task<bool> SucceedsAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        if (Decode(message) is not { } text)
        {
            log.Host(LogLevel.Error, $"{function.Name} cannot read a message of {queue.Name}: it is no base64, and host.json does not say messageEncoding none.", "Host.Queues");
            return false;
        }

        try
        {
            await run(function, TriggerMetadata.Text(text), Metadata(message, text), cancellationToken);
            return true;
        }
        catch (InvocationFailedException)
        {
            return false; // Logged where it happened.
        }
    }

    private async Task WorkAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await HandleAsync(message, cancellationToken);
        }
        catch (RequestFailedException e)
        {
            // The message comes back by itself when its time in work is over.
            log.Host(LogLevel.Warning, $"A message of {queue.Name} could not be settled: {FirstLine(e)}", "Host.Queues");
        }
        finally
        {
            lock (gate)
            {
                inWork--;
                roomMade.TrySetResult();
            }
        }
    }

    private async Task RoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (gate)
            {
                if (inWork <= configuration.NewBatchThreshold)
                {
                    return;
                }

                roomMade = new(TaskCreationOptions.RunContinuationsAsynchronously);
                room = roomMade.Task;
            }

            await room.WaitAsync(cancellationToken);
        }
    }

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        QueueMessage[] messages;
        try
        {
            messages = (await queue.ReceiveMessagesAsync(configuration.BatchSize, InWork, cancellationToken)).Value;
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            messages = [];
        }

        lock (gate)
        {
            inWork += messages.Length;
        }

        return messages;
    }

    private async Task SetAsideAsync(QueueMessage message)
    {
        await poison.CreateIfNotExistsAsync(cancellationToken: CancellationToken.None);
        // Copy first: a crash in between leaves two rather than none.
        await poison.SendMessageAsync(message.Body, timeToLive: TimeSpan.FromSeconds(-1), cancellationToken: CancellationToken.None);
        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
        log.Host(LogLevel.Error, $"A message of {queue.Name} failed {message.DequeueCount} times and went to {poison.Name}.", "Host.Queues");
    }

    private string? Decode(QueueMessage message)
    {
        try
        {
            return configuration.Base64 ? Encoding.UTF8.GetString(Convert.FromBase64String(message.MessageText)) : message.MessageText;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static Dictionary<string, TypedData> Metadata(QueueMessage message, string text)
    {
        var metadata = TriggerMetadata.OfJson(Encoding.UTF8.GetBytes(text));
        metadata["QueueTrigger"] = TriggerMetadata.Text(text);
        metadata["DequeueCount"] = TriggerMetadata.Json(message.DequeueCount);
        metadata["Id"] = TriggerMetadata.Text(message.MessageId);
        metadata["PopReceipt"] = TriggerMetadata.Text(message.PopReceipt);
        metadata["InsertionTime"] = TriggerMetadata.Json(message.InsertedOn);
        metadata["ExpirationTime"] = TriggerMetadata.Json(message.ExpiresOn);
        metadata["NextVisibleTime"] = TriggerMetadata.Json(message.NextVisibleOn);
        return metadata;
    }

    private static string FirstLine(Exception e) => e.GetBaseException().Message.ReplaceLineEndings("\n").Split('\n')[0];

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
