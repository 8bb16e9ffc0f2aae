using System.Globalization;
using System.Text;

namespace Alter.Identity;

/// <summary>Text people chose for themselves, made fit for a page where others decide by it.</summary>
internal static class DisplayText
{
    private const int MaxRunes = 100;

    /// <summary>One line without control and format characters (right-to-left marks could show another name), at most 100 characters; null where nothing is left.</summary>
    internal static string? Clean(string? text)
    {
        var clean = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes().Where(IsShown).Take(MaxRunes))
        {
            clean.Append(rune);
        }

        var line = clean.ToString().Trim();
        return line.Length > 0 ? line : null;
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
}
