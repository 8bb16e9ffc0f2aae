using System.Text.Json;

namespace Alter.Identity;

/// <summary>
/// Where a claim lies: its name, or names joined by dots that lead into objects. A namespaced name (<c>https://acme.com/claims</c>) has dots of its own, so
/// the longest name that is there is taken first, and what follows its dot leads on from it.
/// </summary>
internal static class ClaimPath
{
    /// <summary>The claim, of whatever kind; null where the path leads nowhere.</summary>
    internal static JsonElement? Find(JsonElement claims, string path)
    {
        if (claims.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        if (claims.TryGetProperty(path, out var claim))
        {
            return claim;
        }

        for (var dot = path.LastIndexOf('.'); dot > 0; dot = path.LastIndexOf('.', dot - 1))
        {
            if (claims.TryGetProperty(path[..dot], out var inner) && Find(inner, path[(dot + 1)..]) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
