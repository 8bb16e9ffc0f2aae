using System.Diagnostics.Metrics;

namespace Alter.Apps;

/// <summary>Uses of app keys: counter <c>alter.key.uses</c>, by <c>app</c> and <c>key_id</c>.</summary>
internal static class KeyUseMetrics
{
    private static readonly Counter<long> Uses = AlterMeter.Instance.CreateCounter<long>("alter.key.uses", "{use}", "Requests by app and key.");

    internal static void Count(string app, string keyId) => Uses.Add(1, new("app", app), new("key_id", keyId));
}
