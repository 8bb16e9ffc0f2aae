using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Alter.Forwarding;

/// <summary>Calls through the proxy: counter <c>alter.calls</c> and histogram <c>alter.call.overhead</c> in seconds.</summary>
public static class CallMetrics
{
    private static readonly string[] StatusClasses = [AlterMeter.Nothing, "1xx", "2xx", "3xx", "4xx", "5xx"];

    private static readonly Counter<long> Calls =
        AlterMeter.Instance.CreateCounter<long>("alter.calls", "{call}", "Calls through the proxy by app, provider, outcome and class of status.");

    // A warm call adds a few milliseconds, one that refreshes a few hundred.
    private static readonly Histogram<double> Overhead = AlterMeter.Instance.CreateHistogram(
        "alter.call.overhead",
        "s",
        "What the vault adds to a call: its whole time to the first byte, without waiting for the provider.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });

    internal static bool MeasuresOverhead => Overhead.Enabled;

    /// <summary>Counts a call that has ended.</summary>
    /// <param name="app">The app's id; null or empty: not known.</param>
    /// <param name="provider">The provider's id; null: not known.</param>
    /// <param name="outcome">One of <see cref="Audit.AuditOutcomes"/> or the code of a refusal.</param>
    /// <param name="status">What the caller was answered with; null: nothing.</param>
    public static void Count(string? app, string? provider, string outcome, int? status)
    {
        if (Calls.Enabled)
        {
            Calls.Add(1, new TagList
            {
                { "app", app is { Length: > 0 } ? app : AlterMeter.Nothing },
                { "provider", provider is { Length: > 0 } ? provider : AlterMeter.Nothing },
                { "outcome", outcome },
                { "status_class", StatusClasses[status is >= 100 and < 600 ? status.Value / 100 : 0] },
            });
        }
    }

    internal static void RecordOverhead(string provider, TimeSpan overhead) => Overhead.Record(overhead.TotalSeconds, new KeyValuePair<string, object?>("provider", provider));
}
