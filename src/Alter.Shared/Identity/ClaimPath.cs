using System.Text.Json;

namespace Alter.Identity;

/// <summary>
/// Finds a claim by its configured name: the claim of exactly this name, as namespaced ones have dots in theirs (<c>https://acme.com/groups</c>); else the
/// one the dots lead to (<c>realm_access.roles</c> is member <c>roles</c> of claim <c>realm_access</c>).
/// </summary>
internal static class ClaimPath
{
    /// <summary>The claim, of whatever kind; null where there is none. A claim of exactly this name that is of a wrong kind is not passed over.</summary>
    internal static JsonElement? Find(JsonElement claims, string path)
    {
        if (claims.TryGetProperty(path, out var at))
        {
            return at;
        }

        at = claims;
        foreach (var name in path.Split('.'))
        {
            if (at.ValueKind is not JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return null;
            }
        }

        return at;
    }
}
