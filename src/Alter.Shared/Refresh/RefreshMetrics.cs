using System.Diagnostics.Metrics;

namespace Alter.Refresh;

/// <summary>
/// What became of refreshes: counter <c>alter.refreshes</c>, by <c>provider</c> and <c>outcome</c>. And what waits for one, as the minute's timer saw it: gauges
/// <c>alter.refresh.backlog</c> and <c>alter.refresh.oldest_due</c> in seconds.
/// </summary>
internal static class RefreshMetrics
{
    internal const string Refreshed = "refreshed";

    /// <summary>The provider refused and the vault, because it refuses so many, does not believe it yet.</summary>
    internal const string Braked = "braked";

    /// <summary>The grant had ended meanwhile; the new token was given back.</summary>
    internal const string Discarded = "discarded";

    /// <summary>The provider answered and no storage took the tokens.</summary>
    internal const string Lost = "lost";

    /// <summary>Tables did not take the tokens; they travel by queue.</summary>
    internal const string Spilled = "spilled";

    private static readonly Counter<long> Refreshes = AlterMeter.Instance.CreateCounter<long>("alter.refreshes", "{refresh}", "Refreshes by provider and outcome.");

    private static readonly Gauge<long> Backlog = AlterMeter.Instance.CreateGauge<long>("alter.refresh.backlog", "{grant}", "Grants that are due to be looked at, queued ones included.");

    private static readonly Gauge<double> OldestDue = AlterMeter.Instance.CreateGauge<double>("alter.refresh.oldest_due", "s", "For how long the grant that waits longest has been due.");

    /// <param name="waiting">How many grants are due.</param>
    /// <param name="longest">For how long the first of them; zero where none is.</param>
    internal static void RecordBacklog(int waiting, TimeSpan longest)
    {
        Backlog.Record(waiting);
        OldestDue.Record(longest.TotalSeconds);
    }

    /// <param name="provider">The provider's id.</param>
    /// <param name="outcome">One of the words above, a <see cref="Grants.CredentialCauses">cause</see> of a grant's end, or the code of a failure that may pass.</param>
    internal static void Count(string provider, string outcome) => Refreshes.Add(1, new("provider", provider), new("outcome", outcome));
}
