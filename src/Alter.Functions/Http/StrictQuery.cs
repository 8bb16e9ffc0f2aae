using System.Globalization;
using System.Text.RegularExpressions;
using Alter.Apps;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>Reads a query: only known parameters, each once and in its form; every mistake comes at once.</summary>
internal sealed partial class StrictQuery
{
    private const int LongestName = 60;
    private readonly IQueryCollection query;
    private readonly Dictionary<string, string[]> errors = [];

    internal StrictQuery(IQueryCollection query, params IReadOnlyCollection<string> known)
    {
        this.query = query;
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name))
            {
                Wrong(name[..Math.Min(name.Length, LongestName)], $"This version knows {string.Join(", ", known)}.");
            }
            else if (values.Count > 1)
            {
                Wrong(name, "It must be there once.");
            }
        }
    }

    /// <summary>What is wrong with it, each parameter with its first mistake; null: nothing so far.</summary>
    internal InvalidRequest? Refusal => errors.Count > 0 ? new InvalidRequest("The query cannot be understood; errors names each parameter.", errors) : null;

    /// <summary>A parameter's text; null: it is not there, or empty.</summary>
    internal string? Text(string name) => query[name] is [{ Length: > 0 } value] ? value : null;

    /// <summary>An id, by the form the document gives them. A42: what goes into a storage query has a form first.</summary>
    internal string? Id(string name, string words)
    {
        var value = Text(name);
        if (value is null || Forms.Id().IsMatch(value))
        {
            return value;
        }

        Wrong(name, words);
        return null;
    }

    /// <summary>The id of a grant.</summary>
    internal Guid? GrantId(string name)
    {
        if (Text(name) is not { } value)
        {
            return null;
        }

        if (Guid.TryParseExact(value, "D", out var id))
        {
            return id;
        }

        Wrong(name, "The id of a grant.");
        return null;
    }

    /// <summary>A user as entries of the record name them.</summary>
    internal string? UserHash(string name)
    {
        var value = Text(name);
        if (value is null || Hash().IsMatch(value))
        {
            return value;
        }

        Wrong(name, "A user as entries name them, 64 hex digits in small letters.");
        return null;
    }

    /// <summary>A number within its bounds, or <paramref name="usual"/> where none is given.</summary>
    internal int Number(string name, int least, int most, int usual)
    {
        if (Text(name) is not { } value)
        {
            return usual;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Wrong(name, $"A whole number from {least} to {most}.");
        return usual;
    }

    /// <summary>One of a few words, or <paramref name="usual"/> where none is given.</summary>
    internal string OneOf(string name, string usual, params string[] words)
    {
        var value = Text(name) ?? usual;
        if (!words.Contains(value))
        {
            Wrong(name, $"One of {string.Join(", ", words)}.");
        }

        return value;
    }

    /// <summary>An instant as in RFC 3339, or a day of UTC.</summary>
    internal DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } value)
        {
            return null;
        }

        if (Time().IsMatch(value) && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant))
        {
            return instant;
        }

        Wrong(name, "An instant as in RFC 3339, such as 2026-11-28T10:00:00Z.");
        return null;
    }

    internal void Wrong(string name, string words) => errors.TryAdd(name, [words]);

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d))?\z")]
    private static partial Regex Time();

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex Hash();
}
