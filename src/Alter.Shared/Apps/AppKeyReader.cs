using System.Text.Json;

namespace Alter.Apps;

/// <summary>Reads an app's <c>keys</c>.</summary>
internal static class AppKeyReader
{
    private const string Example = "[{ \"id\": \"2026_11\", \"sha256\": \"64 hex digits, made by ./alter key\" }]";

    /// <summary>The keys that could be read, each with its path.</summary>
    public static List<(AppKey Key, string Path)> Read(StrictObject app)
    {
        var keys = new List<(AppKey Key, string Path)>();
        foreach (var entry in app.Objects("keys", Example, required: true))
        {
            if (Key(entry) is not { } key)
            {
                continue;
            }

            if (keys.Exists(other => other.Key.Id == key.Id))
            {
                entry.Add("id", "Another key of this app has this id.", "\"2026_12\"");
            }

            keys.Add((key, entry.PathOf(null)));
        }

        if (app.Take("keys", false, Example) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 0)
        {
            app.Add("keys", "An app without a key cannot call.", Example);
        }

        return keys;
    }

    private static AppKey? Key(StrictObject key)
    {
        key.NotYet("expires_at", "deprecated", "cidrs", "suspended", "policies");
        var id = key.Text("id", Forms.KeyId(), Forms.KeyIdWords, "2026_11", required: true);
        var sha256 = key.Text("sha256", Forms.Sha256(), "64 lower-case hex digits, the SHA-256 of the key; never the key itself", "made by ./alter key", required: true);
        var scopes = Scopes(key);
        key.Close();
        return id is null || sha256 is null ? null : new AppKey(id, Convert.FromHexString(sha256), scopes);
    }

    private static IReadOnlySet<string> Scopes(StrictObject key)
    {
        var words = string.Join(", ", AppKeyScopes.All.Order(StringComparer.Ordinal));
        if (!key.Has("scopes"))
        {
            _ = key.Take("scopes", false, words); // Known, and left out.
            return AppKeyScopes.Default;
        }

        var scopes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, scope) in key.Texts("scopes", "[\"proxy:execute\"]"))
        {
            if (!AppKeyScopes.All.Contains(scope))
            {
                key.Add(name, "There is no such scope.", $"one of {words}");
            }

            scopes.Add(scope);
        }

        return scopes;
    }
}
