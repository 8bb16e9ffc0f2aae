using System.Diagnostics.Metrics;

namespace Alter.Policies;

/// <summary>What the vault refused: counter <c>alter.denials</c>, by <c>app</c>, <c>code</c> and, where a policy did, its <c>policy_kind</c>.</summary>
public static class DenialMetrics
{
    private static readonly Counter<long> Denials =
        AlterMeter.Instance.CreateCounter<long>("alter.denials", "{denial}", "Requests the vault refused, by app, code and kind of policy.");

    /// <summary>Counts a refusal that was answered.</summary>
    /// <param name="app">The app's id; empty: the request named none that is known.</param>
    /// <param name="refusal">Why.</param>
    public static void Count(string app, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(refusal);
        if (Denials.Enabled)
        {
            Denials.Add(1, new("app", app.Length > 0 ? app : AlterMeter.Nothing), new("code", refusal.Code), new("policy_kind", (refusal as PolicyViolation)?.Kind ?? AlterMeter.Nothing));
        }
    }
}
