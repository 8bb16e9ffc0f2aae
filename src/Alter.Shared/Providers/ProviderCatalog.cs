using System.Collections.Frozen;
using System.Reflection;

namespace Alter.Providers;

/// <summary>The providers this version knows without a definition: the embedded files of <c>Providers/catalog</c>.</summary>
public sealed class ProviderCatalog
{
    private const string Prefix = "Alter.Providers.catalog.";
    private static readonly Lazy<ProviderCatalog> Shipped = new(() => new ProviderCatalog(Files()));

    private readonly FrozenDictionary<string, ProviderDefinition> definitions;

    private ProviderCatalog(IEnumerable<(string Name, string Json)> files)
    {
        var read = new Dictionary<string, ProviderDefinition>(StringComparer.Ordinal);
        foreach (var (name, json) in files)
        {
            var (definition, mistakes) = ProviderDefinitionReader.Read(json);
            if (definition is null || definition.Id + ".json" != name)
            {
                // The files are compiled in, and a test reads them all: this is a build that was never tested.
                throw new InvalidOperationException($"Provider file {name}: {(mistakes.Count > 0 ? mistakes[0] : "it is not named after its id.")}");
            }

            read.Add(definition.Id, definition);
        }

        definitions = read.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The catalogue of this version.</summary>
    public static ProviderCatalog BuiltIn => Shipped.Value;

    /// <summary>The ids, sorted.</summary>
    public IReadOnlyList<string> Ids => [.. definitions.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The definition, or null.</summary>
    public ProviderDefinition? Find(string id) => definitions.GetValueOrDefault(id);

    /// <summary>Every file: its name in the folder and its text.</summary>
    internal static IEnumerable<(string Name, string Json)> Files()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return (resource[Prefix.Length..], reader.ReadToEnd());
        }
    }
}
