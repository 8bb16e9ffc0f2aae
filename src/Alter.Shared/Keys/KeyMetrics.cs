using System.Diagnostics.Metrics;

namespace Alter.Keys;

/// <summary>Times Key Vault did not give what it was asked for: counter <c>alter.key.failures</c>, by <c>vault</c>.</summary>
internal static class KeyMetrics
{
    /// <summary>The key-encryption key.</summary>
    internal const string Keys = "keys";

    /// <summary>OAuth client secrets.</summary>
    internal const string Secrets = "secrets";

    private static readonly Counter<long> Failures =
        AlterMeter.Instance.CreateCounter<long>("alter.key.failures", "{failure}", "Reads that Key Vault did not answer or had no right for, by vault.");

    internal static void CountFailure(string vault) => Failures.Add(1, new KeyValuePair<string, object?>("vault", vault));
}
