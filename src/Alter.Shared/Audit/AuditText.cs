using System.Globalization;
using System.Text;

namespace Alter.Audit;

/// <summary>Makes text that strangers choose fit for a record that people read in terminals and spreadsheets.</summary>
public static class AuditText
{
    /// <summary>
    /// One line: without control characters (C0, C1), direction and other format characters, line separators and halves of pairs, which could repaint a
    /// terminal, turn a line around or begin another. Null where nothing is left.
    /// </summary>
    /// <param name="text">As received.</param>
    /// <param name="maxLength">In characters.</param>
    public static string? Clean(string? text, int maxLength)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text.Trim() is { Length: > 0 } plain ? plain : null; // What most are.
        }

        var clean = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsKept(rune))
            {
                continue;
            }

            if (clean.Length + rune.Utf16SequenceLength > maxLength)
            {
                break;
            }

            clean.Append(rune);
        }

        var line = clean.ToString().Trim();
        return line.Length > 0 ? line : null;
    }

    // U+FFFD is what half a pair reads as.
    private static bool IsKept(Rune rune) => rune.Value is not 0xFFFD && Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
}
