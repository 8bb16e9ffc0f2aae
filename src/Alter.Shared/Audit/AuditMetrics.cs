using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Alter.Audit;

/// <summary>How the record keeps up: gauge <c>alter.audit.lag</c> in seconds, counter <c>alter.audit.failures</c> by <c>outcome</c>.</summary>
internal static class AuditMetrics
{
    /// <summary>Storage did not take entries: calls that wait for theirs are refused, the others are tried again.</summary>
    internal const string NotWritten = "not_written";

    /// <summary>An entry was given up.</summary>
    internal const string GivenUp = "given_up";

    // A process has one; tests have many, and none is kept alive by being watched.
    private static readonly ConditionalWeakTable<AuditRecord, object> Watched = new();

    private static readonly Counter<long> Failures =
        AlterMeter.Instance.CreateCounter<long>("alter.audit.failures", "{entry}", "Entries of the record that storage did not take, by what became of them.");

    /// <summary>Asked at each collection.</summary>
    internal static ObservableGauge<double> Lag { get; } =
        AlterMeter.Instance.CreateObservableGauge("alter.audit.lag", () => Watched.Select(record => record.Key.Lag.TotalSeconds).DefaultIfEmpty().Max(), "s", "Age of the oldest entry of the record that is not written yet.");

    internal static void Watch(AuditRecord record) => Watched.Add(record, Watched);

    internal static void CountFailure(int entries, string outcome) => Failures.Add(entries, new KeyValuePair<string, object?>("outcome", outcome));
}
