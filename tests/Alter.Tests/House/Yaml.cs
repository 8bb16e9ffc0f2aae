using YamlDotNet.RepresentationModel;

namespace Alter.Tests.House;

/// <summary>A node of a YAML document, for reading.</summary>
internal sealed class Yaml(YamlNode node)
{
    /// <summary>The text of a scalar; null: it is something else.</summary>
    internal string? Text => (node as YamlScalarNode)?.Value;

    /// <summary>The members of a mapping.</summary>
    internal IEnumerable<KeyValuePair<string, Yaml>> Members =>
        (node as YamlMappingNode)?.Children.Select(member => KeyValuePair.Create(((YamlScalarNode)member.Key).Value!, new Yaml(member.Value))) ?? [];

    /// <summary>The items of a sequence.</summary>
    internal IEnumerable<Yaml> Items => (node as YamlSequenceNode)?.Children.Select(item => new Yaml(item)) ?? [];

    /// <summary>The names of a mapping, the texts of a sequence, or the one text.</summary>
    internal IEnumerable<string> Names => [.. Members.Select(member => member.Key), .. Items.Select(item => item.Text ?? ""), .. Text is { } text ? [text] : Array.Empty<string>()];

    internal Yaml? this[string name] => Members.FirstOrDefault(member => member.Key == name).Value;

    internal static Yaml Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return new Yaml(stream.Documents.Single().RootNode);
    }
}
