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

    // A column of another type reads as missing: one odd row must not stop the walk over all of them.
    internal static ConnectMarker? Read(TableEntity row) =>
        row.RowKey.StartsWith(Prefix, StringComparison.Ordinal)
        && row.RowKey[Prefix.Length..].Split('|') is [var session, var provider]
        && Guid.TryParseExact(GrantRow.Value(row, "marked") as string, "D", out var grant)
            ? new ConnectMarker(
                session,
                provider,
                GrantRow.Value(row, "flow") as string ?? "",
                grant,
                GrantRow.Value(row, "creation") is true,
                GrantRow.Value(row, "at_time") as DateTimeOffset? ?? default)
            : null;
}
