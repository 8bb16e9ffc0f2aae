using System.Collections.Frozen;
using System.Reflection;
using System.Text;

namespace Alter.Providers;

/// <summary>
/// A provider's mark, as SVG: the file beside its definition in the catalogue, else its initials. They are drawn here, not the companies' logos
/// (docs/decisions/provider-marks.md).
/// </summary>
public static class ProviderLogo
{
    private const string Prefix = "Alter.Providers.catalog.";

    // White letters have at least 4.5 : 1 on each.
    private static readonly string[] Grounds = ["#1d4ed8", "#0f766e", "#9333ea", "#b45309", "#be123c", "#4d7c0f", "#0e7490", "#475569"];

    private static readonly FrozenDictionary<string, byte[]> Drawn = Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".svg", StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[Prefix.Length..^".svg".Length], Read);

    /// <summary>The SVG text, in UTF-8.</summary>
    public static byte[] Of(ProviderDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return Drawn.GetValueOrDefault(definition.Id) ?? Encoding.UTF8.GetBytes(Initials(definition));
    }

    private static string Initials(ProviderDefinition definition)
    {
        var ground = Grounds[definition.Id.Sum(letter => letter) % Grounds.Length];
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="9" fill="{ground}"/><text x="20" y="20" dy=".35em" text-anchor="middle" font-family="system-ui, sans-serif" font-size="17" font-weight="600" fill="#fff">{InitialsOf(definition.Name)}</text></svg>
            """;
    }

    // Letters and digits alone, so that nothing has to be escaped.
    private static string InitialsOf(string name)
    {
        var initials = name.Split(' ').Select(word => word.EnumerateRunes().FirstOrDefault(Rune.IsLetterOrDigit)).Where(Rune.IsLetterOrDigit).Take(2);
        return string.Concat(initials.Select(rune => Rune.ToUpperInvariant(rune).ToString()));
    }

    private static byte[] Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
