namespace Alter.Sdk;

/// <summary>The vault's own headers.</summary>
internal static class WireHeaders
{
    internal const string Prefix = "X-Alter-";
    internal const string Url = "X-Alter-Url";
    internal const string Provider = "X-Alter-Provider";
    internal const string GrantId = "X-Alter-Grant-Id";
    internal const string Account = "X-Alter-Account";
    internal const string UserToken = "X-Alter-User-Token";
    internal const string Caller = "X-Alter-Caller";
    internal const string Reason = "X-Alter-Reason";
    internal const string Context = "X-Alter-Context";
    internal const string RequestId = "X-Alter-Request-Id";
    internal const string Error = "X-Alter-Error";
    internal const string Location = "X-Alter-Location";

    /// <summary>Whether the value of a header must never be logged.</summary>
    internal static bool IsSecret(string name) =>
        name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    internal static string? Read(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && values.FirstOrDefault() is { Length: > 0 } value ? value : null;
}
