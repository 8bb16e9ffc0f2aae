namespace Alter.Storage.Wire;

/// <summary>A part of a URL, put together escaped: on the stack, as long as it has room there.</summary>
/// <param name="place">Where.</param>
internal ref struct EscapedText(Span<char> place)
{
    private Span<char> place = place;
    private int length;

    /// <summary>What was added.</summary>
    public readonly ReadOnlySpan<char> Text => place[..length];

    /// <summary>Adds what is escaped already.</summary>
    public void Add(ReadOnlySpan<char> escaped)
    {
        if (escaped.Length > place.Length - length)
        {
            var larger = new char[2 * (length + escaped.Length)];
            Text.CopyTo(larger);
            place = larger;
        }

        escaped.CopyTo(place[length..]);
        length += escaped.Length;
    }

    /// <summary>Adds a text that stands between quotes.</summary>
    public void AddQuoted(string text)
    {
        if (!text.Contains('\'', StringComparison.Ordinal) && Uri.TryEscapeDataString(text, place[length..], out var written))
        {
            length += written;
        }
        else
        {
            Add(TableRequests.Quoted(text));
        }
    }
}
