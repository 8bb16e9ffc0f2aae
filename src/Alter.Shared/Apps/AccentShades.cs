namespace Alter.Apps;

/// <summary>What the reader's system prefers.</summary>
public enum ColorScheme
{
    Light,
    Dark,
}

/// <summary>An accent made fit for a page: whatever colour an operator writes, text and edges keep the contrast WCAG 2.2 AA asks for.</summary>
/// <param name="Accent">Fills what can be pressed.</param>
/// <param name="OnAccent">Text on it, at least 4.5 : 1 (1.4.3).</param>
/// <param name="AccentLine">Its edge, at least 3 : 1 to what is around it (1.4.11).</param>
/// <param name="AccentText">Links and the focus ring, at least 4.5 : 1 to what is around them.</param>
public sealed record AccentShades(string Accent, string OnAccent, string AccentLine, string AccentText)
{
    private const double TextContrast = 4.5;
    private const double EdgeContrast = 3;

    /// <summary>What accents stand on: <c>--card</c> and <c>--soft</c> of connect.css.</summary>
    public static IReadOnlyList<Color> SurfacesOf(ColorScheme scheme) =>
        scheme is ColorScheme.Light ? [Color.White, new(0xf3, 0xf5, 0xf8)] : [new(0x17, 0x1b, 0x22), new(0x20, 0x26, 0x2f)];

    /// <summary>The shades for a scheme. The light one keeps the accent as it was written; the dark one lightens it until it stands out.</summary>
    public static AccentShades On(ColorScheme scheme, Color accent)
    {
        var surfaces = SurfacesOf(scheme);
        var away = scheme is ColorScheme.Light ? Color.Black : Color.White;
        var fill = scheme is ColorScheme.Light ? accent : Until(EdgeContrast, accent, away, surfaces);

        // One of the two always has 4.58 : 1 or more: the ratios to black and to white multiply to 21.
        var onFill = fill.ContrastWith(Color.White) >= TextContrast ? Color.White : Color.Black;
        return new(
            fill.ToString(),
            onFill.ToString(),
            Until(EdgeContrast, fill, away, surfaces).ToString(),
            Until(TextContrast, fill, away, surfaces).ToString());
    }

    private static Color Until(double contrast, Color color, Color away, IReadOnlyList<Color> surfaces)
    {
        const int Steps = 50;
        var shade = color;
        for (var step = 1; step <= Steps && surfaces.Any(surface => shade.ContrastWith(surface) < contrast); step++)
        {
            shade = color.Toward(away, step / (double)Steps);
        }

        return shade;
    }
}
