using System.Text.Json;
using Alter.Keys;
using Alter.Storage;
using Microsoft.Extensions.Configuration;

namespace Alter.Cli;

/// <summary>The settings the vault would have on this machine: <c>local.settings.json</c>, and the environment, which beats it.</summary>
/// <param name="Root">The folder of the checkout; the current one outside of any.</param>
/// <param name="All">What there is.</param>
/// <param name="Exported">The environment's alone: the file is this machine's, and no deployment has it.</param>
/// <param name="Fault">Why <c>local.settings.json</c> was not read; null where it was, or is not there.</param>
internal sealed record OperatorSettings(string Root, IConfiguration All, IConfiguration Exported, string? Fault)
{
    private const string FileName = "local.settings.json";

    public static OperatorSettings Read(OperatorTools tools)
    {
        var root = LocalKeySource.FindCheckout(tools.Folder) ?? tools.Folder;
        var (local, fault) = FromFile(Path.Combine(root, FileName));
        if (tools.Variables.Keys.Any(IsStorageUri))
        {
            local.Remove(AlterStorageOptions.Connection); // The emulator's, which would beat a deployment's addresses.
        }

        return new(root, Configuration(local.Concat(tools.Variables)), Configuration(tools.Variables), fault);
    }

    /// <summary>What a vault on this machine would have, or a deployment as far as this machine knows.</summary>
    public IConfiguration Of(bool isDeployed) => isDeployed ? Exported : All;

    /// <summary>The storage is named as a deployment has it: by addresses.</summary>
    public bool HasDeployedStorage => string.IsNullOrEmpty(All[AlterStorageOptions.Connection]) && All.GetSection(AlterStorageOptions.Connection)["tableServiceUri"] is { Length: > 0 };

    private static IConfigurationRoot Configuration(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in settings)
        {
            values[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value; // As the host maps them.
        }

        return new ConfigurationBuilder().AddInMemoryCollection(values).Build();
    }

    private static bool IsStorageUri(string name) =>
        name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal).StartsWith(AlterStorageOptions.Connection + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase);

    private static (Dictionary<string, string> Values, string? Fault) FromFile(string path)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root
                || !root.TryGetProperty("IsEncrypted", out var encrypted)
                || encrypted.ValueKind is not JsonValueKind.False)
            {
                return (values, $"{FileName} must say \"IsEncrypted\": false; without it its values count as encrypted.");
            }

            if (root.TryGetProperty("Values", out var entries) && entries.ValueKind is JsonValueKind.Object)
            {
                foreach (var entry in entries.EnumerateObject().Where(entry => entry.Value.ValueKind is JsonValueKind.String))
                {
                    values[entry.Name] = entry.Value.GetString()!;
                }
            }

            return (values, null);
        }
        catch (FileNotFoundException)
        {
            return (values, null);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return (values, $"{FileName} cannot be read as JSON ({e.GetType().Name})."); // Not the message: it quotes the text, and secrets stand there.
        }
    }
}
