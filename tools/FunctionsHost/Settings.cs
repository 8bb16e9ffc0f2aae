using System.Collections;
using System.Text.Json;

namespace Alter.FunctionsHost;

/// <summary>
/// The app settings. <c>local.settings.json</c> loses to the process environment, as with Core Tools, and both lose to what the caller gave.
/// </summary>
internal sealed class Settings
{
    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Every setting, the process environment included: the environment of a worker.</summary>
    public IReadOnlyDictionary<string, string> All => values;

    public string? this[string name] => values.TryGetValue(name, out var value) ? value : null;

    public static Settings Merge(
        IReadOnlyDictionary<string, string> local, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string> given)
    {
        var settings = new Settings();
        foreach (var (name, value) in local.Concat(environment).Concat(given))
        {
            settings.values[name] = value;
        }

        return settings;
    }

    public static IReadOnlyDictionary<string, string> FromProcess() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);

    /// <summary>The <c>Values</c> of the app folder's <c>local.settings.json</c>, or nothing where there is no such file.</summary>
    public static IReadOnlyDictionary<string, string> FromFile(string appDirectory)
    {
        var path = Path.Combine(appDirectory, "local.settings.json");
        if (!File.Exists(path))
        {
            return new Dictionary<string, string>();
        }

        using var document = JsonFile.Read(path);
        // Core Tools takes an absent IsEncrypted for true.
        if (!document.RootElement.TryGetProperty("IsEncrypted", out var encrypted) || encrypted.ValueKind is not JsonValueKind.False)
        {
            throw new HostStartException($"{path} must say \"IsEncrypted\": false; without it Core Tools takes the values for encrypted.");
        }

        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!document.RootElement.TryGetProperty("Values", out var entries))
        {
            return values;
        }

        if (entries.ValueKind is not JsonValueKind.Object)
        {
            throw new HostStartException($"{path}: \"Values\" must be an object of strings.");
        }

        foreach (var entry in entries.EnumerateObject())
        {
            values[entry.Name] = entry.Value.ValueKind is JsonValueKind.String
                ? entry.Value.GetString()!
                : throw new HostStartException($"{path}: the value \"{entry.Name}\" must be a string.");
        }

        return values;
    }

    public void SetDefault(string name, string value) => values.TryAdd(name, value);

    public bool IsTrue(string name) => this[name] is "1" || string.Equals(this[name], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Replaces each <c>%Name%</c> by the setting of that name.</summary>
    /// <returns>False where a setting is missing; <paramref name="result"/> is then its name.</returns>
    public bool TryResolve(string text, out string result)
    {
        var resolved = text.Split('%');
        if (resolved.Length % 2 == 0)
        {
            result = text;
            return false;
        }

        for (var i = 1; i < resolved.Length; i += 2)
        {
            if (this[resolved[i]] is not { Length: > 0 } value)
            {
                result = resolved[i];
                return false;
            }

            resolved[i] = value;
        }

        result = string.Concat(resolved);
        return true;
    }
}
