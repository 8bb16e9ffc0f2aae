using System.Diagnostics.Metrics;

namespace Alter.Storage;

/// <summary>Messages that were given up: gauge <c>alter.queue.poison</c>, by <c>queue</c>.</summary>
internal static class QueueMetrics
{
    private static readonly Gauge<long> Poison = AlterMeter.Instance.CreateGauge<long>("alter.queue.poison", "{message}", "Messages in the poison queue of a queue.");

    internal static bool IsMeasured => Poison.Enabled;

    internal static void RecordPoison(string queue, long messages) => Poison.Record(messages, new KeyValuePair<string, object?>("queue", queue));
}
