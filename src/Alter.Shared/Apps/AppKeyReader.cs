using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Alter.Policies;

namespace Alter.Apps;

/// <summary>Reads an app's <c>keys</c>.</summary>
internal static partial class AppKeyReader
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
        key.NotYet("suspended", "policies");
        var id = key.Text("id", Forms.KeyId(), Forms.KeyIdWords, "2026_11", required: true);
        var sha256 = key.Text("sha256", Forms.Sha256(), "64 lower-case hex digits, the SHA-256 of the key; never the key itself", "made by ./alter key", required: true);
        var scopes = Scopes(key);
        var (expiresAt, isDeprecated, addresses) = (ExpiresAt(key), key.Flag("deprecated"), AddressRangeReader.Read(key, required: false));
        key.Close();
        return id is null || sha256 is null
            ? null
            : new AppKey(id, Convert.FromHexString(sha256), scopes) { ExpiresAt = expiresAt, IsDeprecated = isDeprecated, Addresses = addresses };
    }

    // In UTC and in full: a time without its zone is another instant on another machine.
    private static DateTimeOffset? ExpiresAt(StrictObject key)
    {
        const string InstantExample = "\"2027-01-31T00:00:00Z\"";
        if (key.Text("expires_at", InstantForm(), "an instant in UTC as RFC 3339 writes it", InstantExample) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
        {
            return instant;
        }

        key.Add("expires_at", "There is no such day or time.", InstantExample);
        return null;
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

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\z")]
    private static partial Regex InstantForm();
}
