using Azure.Data.Tables;

namespace Alter.Grants;

/// <summary>Says that a Connect session was used up for one provider, and by which grant. Its insertion is what makes a session single-use.</summary>
/// <param name="SessionHash">The hash that keys the session.</param>
/// <param name="Provider">The provider's id.</param>
/// <param name="Flow">The hash that keys the flow that brought the grant.</param>
/// <param name="GrantId">The grant.</param>
/// <param name="IsCreation">True for a new grant, false for a renewed one.</param>
/// <param name="At">When.</param>
public sealed record ConnectMarker(string SessionHash, string Provider, string Flow, Guid GrantId, bool IsCreation, DateTimeOffset At)
{
    private const string Prefix = "~s|";

    internal string RowKey => $"{Prefix}{SessionHash}|{Provider}";

    internal TableEntity ToRow(string partition, string userHash, string operation) => new(partition, RowKey)
    {
        [GrantRow.OperationColumn] = operation,
        [GrantRow.UserHashColumn] = userHash,
        ["flow"] = Flow,
        ["marked"] = GrantId.ToString("D"),
        ["creation"] = IsCreation,
        ["at_time"] = At,
    };

    internal static ConnectMarker? Read(TableEntity row) =>
        row.RowKey.StartsWith(Prefix, StringComparison.Ordinal)
        && row.RowKey[Prefix.Length..].Split('|') is [var session, var provider]
        && Guid.TryParseExact(row.GetString("marked"), "D", out var grant)
            ? new ConnectMarker(session, provider, row.GetString("flow") ?? "", grant, row.GetBoolean("creation") ?? false, row.GetDateTimeOffset("at_time") ?? default)
            : null;
}
