using System.Text.Json;
using System.Text.RegularExpressions;

namespace Alter;

/// <summary>
/// One object of a strict document. Members are taken by name; what is wrong is added to one list, so that an operator sees every mistake at once.
/// <see cref="Close"/> then names the members nobody took.
/// </summary>
internal sealed partial class StrictObject
{
    private const int MaxTextLength = 2048;
    private const int MaxEntries = 1000;

    private readonly Dictionary<string, JsonElement> members = new(StringComparer.Ordinal);
    private readonly HashSet<string> faulty = new(StringComparer.Ordinal);
    private readonly SortedSet<string> known = new(StringComparer.Ordinal);
    private readonly HashSet<string> refused = new(StringComparer.Ordinal);
    private readonly List<ConfigurationMistake> mistakes;
    private readonly string path;

    public StrictObject(JsonElement element, string path, List<ConfigurationMistake> mistakes)
    {
        this.path = path;
        this.mistakes = mistakes;
        foreach (var member in element.EnumerateObject())
        {
            if (NameOf(member) is not { } name)
            {
                Add(null, "A member's name is not valid Unicode text.", "name");
            }
            else if (!faulty.Contains(name) && !members.TryAdd(name, member.Value))
            {
                Add(name, "It is there twice.", "once");
            }
            else if (member.Value.ValueKind is JsonValueKind.Null && faulty.Add(name))
            {
                members.Remove(name);
                known.Add(name);
                Add(name, "null is no value here.", "leave the member out");
            }
        }
    }

    /// <summary>The names of the members that have a value.</summary>
    public IReadOnlyCollection<string> Names => members.Keys;

    /// <summary>Whether the member is there with a value.</summary>
    public bool Has(string name) => members.ContainsKey(name);

    /// <summary>Notes what is wrong with a member, or with the object itself.</summary>
    public void Add(string? name, string fault, string example) => mistakes.Add(new(PathOf(name), fault, example));

    /// <summary>The path of a member, or of the object itself.</summary>
    public string PathOf(string? name)
    {
        if (name is null)
        {
            return path.Length == 0 ? "(document)" : path;
        }

        // A name that is no word may be a value that slipped: it is not repeated.
        var shown = Word().IsMatch(name) && (name.Length <= 40 || known.Contains(name)) ? name : "(unreadable name)";
        return path.Length == 0 ? shown : $"{path}.{shown}";
    }

    /// <summary>A non-empty text, or null with the mistake noted.</summary>
    public string? Text(string name, string example, bool required = false, int maxLength = MaxTextLength)
    {
        if (Take(name, required, example) is not { } value)
        {
            return null;
        }

        return TextOf(value, name, example, maxLength);
    }

    /// <summary>A text of a form; the form is said in words, the value never repeated.</summary>
    public string? Text(string name, Regex form, string words, string example, bool required = false)
    {
        if (Text(name, example, required) is not { } text)
        {
            return null;
        }

        if (form.IsMatch(text))
        {
            return text;
        }

        Add(name, $"It must be {words}.", example);
        return null;
    }

    /// <summary>true or false; <paramref name="otherwise"/> where the member is missing or wrong.</summary>
    public bool Flag(string name, bool otherwise = false)
    {
        switch (Take(name, false, "true")?.ValueKind)
        {
            case null:
                return otherwise;
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                Add(name, "It must be true or false.", "true");
                return otherwise;
        }
    }

    /// <summary>A whole number of seconds within bounds.</summary>
    public TimeSpan? Seconds(string name, int least, int most, string example, bool required = false) =>
        Number(name, least, most, example, required, " of seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>A whole number within bounds.</summary>
    public int? Number(string name, int least, int most, string example, bool required = false, string unit = "")
    {
        if (Take(name, required, example) is not { } value)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Add(name, $"It must be a whole number{unit} from {least} to {most}.", example);
        return null;
    }

    /// <summary>A whole number within bounds.</summary>
    public int? Number(string name, int least, int most, string example)
    {
        if (Take(name, false, example) is not { } value)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Add(name, $"It must be a whole number from {least} to {most}.", example);
        return null;
    }

    /// <summary>A list of texts, each with its path; empty where the member is missing. An entry that is wrong or doubled is noted and left out.</summary>
    public IReadOnlyList<(string Name, string Text)> Texts(string name, string example, bool required = false)
    {
        var texts = new List<(string, string)>();
        foreach (var (entry, value) in Entries(name, example, required))
        {
            if (TextOf(value, entry, example, MaxTextLength) is not { } text)
            {
                continue;
            }

            if (texts.Exists(other => other.Item2 == text))
            {
                Add(entry, "It is in the list twice.", "once");
            }
            else
            {
                texts.Add((entry, text));
            }
        }

        return texts;
    }

    /// <summary>An object, or null with the mistake noted.</summary>
    public StrictObject? Object(string name, string example, bool required = false) =>
        Take(name, required, example) is { } value ? ObjectOf(value, name, example) : null;

    /// <summary>A list of objects; those that are none are noted and left out.</summary>
    public IEnumerable<StrictObject> Objects(string name, string example, bool required = false) =>
        Entries(name, example, required).Select(entry => ObjectOf(entry.Value, entry.Name, example)).OfType<StrictObject>();

    /// <summary>The raw value, where a member may be of more than one type.</summary>
    public JsonElement? Take(string name, bool required, string example)
    {
        known.Add(name);
        if (members.TryGetValue(name, out var value))
        {
            return value;
        }

        if (required && !faulty.Contains(name))
        {
            Add(name, "It is missing.", example);
        }

        return null;
    }

    /// <summary>Members that exist in later versions: a reader that ignored <c>policies</c> would fail open.</summary>
    public void NotYet(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (refused.Add(name) && members.ContainsKey(name))
            {
                Add(name, $"'{name}' is not supported by this version.", "remove the member");
            }
        }
    }

    /// <summary>Names every member that nobody took: misspelt, of the wrong case, or unknown.</summary>
    public void Close()
    {
        foreach (var name in members.Keys.Where(name => !known.Contains(name) && !refused.Contains(name)))
        {
            Add(name, "This member is not known here; names are case-sensitive.", $"one of {string.Join(", ", known)}");
        }
    }

    private static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null; // An escaped half of a surrogate pair.
        }
    }

    [GeneratedRegex(@"^[A-Za-z$][A-Za-z0-9_-]{0,59}(\[[0-9]{1,9}\])?\z")]
    private static partial Regex Word();

    private IReadOnlyList<(string Name, JsonElement Value)> Entries(string name, string example, bool required)
    {
        if (Take(name, required, example) is not { } value)
        {
            return [];
        }

        if (value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() > MaxEntries)
        {
            Add(name, $"It must be a list of at most {MaxEntries} entries.", example);
            return [];
        }

        return [.. value.EnumerateArray().Select((entry, at) => ($"{name}[{at}]", entry))];
    }

    private string? TextOf(JsonElement value, string name, string example, int maxLength)
    {
        if (value.ValueKind is not JsonValueKind.String)
        {
            Add(name, "It must be a text.", example);
            return null;
        }

        try
        {
            var text = value.GetString()!;
            if (text.Length > 0 && text.Length <= maxLength && !text.Any(char.IsControl))
            {
                return text;
            }
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair.
        }

        Add(name, $"It must be a text of 1 to {maxLength} characters without control characters.", example);
        return null;
    }

    private StrictObject? ObjectOf(JsonElement value, string name, string example)
    {
        if (value.ValueKind is JsonValueKind.Object)
        {
            return new StrictObject(value, PathOf(name), mistakes);
        }

        Add(name, "It must be an object.", example);
        return null;
    }
}
