using System.Globalization;
using System.Text.RegularExpressions;

namespace Alter.Apps;

/// <summary>An opaque sRGB colour.</summary>
public readonly partial record struct Color(byte Red, byte Green, byte Blue)
{
    internal static readonly Color White = new(255, 255, 255);
    internal static readonly Color Black = new(0, 0, 0);

    /// <summary>WCAG 2.2, relative luminance: 0 (black) to 1 (white).</summary>
    public double Luminance => (0.2126 * Linear(Red)) + (0.7152 * Linear(Green)) + (0.0722 * Linear(Blue));

    /// <summary>Reads <c>#rgb</c> or <c>#rrggbb</c>.</summary>
    public static Color? Parse(string text)
    {
        if (!Form().IsMatch(text))
        {
            return null;
        }

        var digits = text.Length is 4 ? string.Concat(text[1..].Select(digit => new string(digit, 2))) : text[1..];
        return new Color(Part(0), Part(2), Part(4));

        byte Part(int at) => byte.Parse(digits.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>WCAG 2.2, contrast ratio: 1 (equal) to 21 (black on white).</summary>
    public double ContrastWith(Color other) => (Math.Max(Luminance, other.Luminance) + 0.05) / (Math.Min(Luminance, other.Luminance) + 0.05);

    /// <summary><c>#rrggbb</c>.</summary>
    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    /// <summary>A part of the way to another colour.</summary>
    internal Color Toward(Color other, double part)
    {
        return new Color(Mix(Red, other.Red), Mix(Green, other.Green), Mix(Blue, other.Blue));

        byte Mix(byte from, byte to) => (byte)Math.Round(from + ((to - from) * part));
    }

    private static double Linear(byte part)
    {
        var value = part / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    [GeneratedRegex(@"^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})\z")]
    private static partial Regex Form();
}
