namespace Alter.Providers;

/// <summary>OAuth scopes.</summary>
public static class Scopes
{
    /// <summary>RFC 6749 §3.3: <c>1*( %x21 / %x23-5B / %x5D-7E )</c>, and not what joins them.</summary>
    public static bool IsToken(string scope, string separator)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return scope.Length is > 0 and <= 500
            && scope.All(c => c is >= '\x21' and <= '\x7e' and not '"' and not '\\')
            && !scope.Contains(separator, StringComparison.Ordinal);
    }
}
