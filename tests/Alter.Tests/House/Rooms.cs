using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>The rooms of the vault in their order: a room may know any room before it, never one after it.</summary>
internal static partial class Rooms
{
    public const string Folder = "src/Alter.Shared";

    public static readonly ImmutableArray<string> InOrder =
    [
        "Storage", "Keys", "Egress", "Providers", "Policies", "RateLimits", "Apps", "Identity", "Tokens", "Grants", "Refresh", "Audit", "Connect", "Wallet", "Forwarding",
    ];

    /// <summary>The room a file lies in; null for the root, which belongs to all.</summary>
    public static string? Of(SourceFile file)
    {
        var below = file.Path[(Folder.Length + 1)..].Split('/');
        return below.Length > 1 ? below[0] : null;
    }

    /// <summary>What is wrong with a file's place or with what it knows, one sentence each.</summary>
    public static IEnumerable<string> FaultsOf(SourceFile file)
    {
        var code = file.Code;
        if (code.Contains("global using Alter.", StringComparison.Ordinal))
        {
            yield return $"{file.Path}: a global using hides which room knows which.";
        }

        if (Of(file) is not { } room)
        {
            yield break;
        }

        var place = InOrder.IndexOf(room);
        if (place < 0)
        {
            yield return $"{file.Path}: {room} is no room of the house.";
            yield break;
        }

        foreach (var declared in Declared().Matches(code).Select(match => match.Groups["name"].Value))
        {
            if (declared != $"Alter.{room}" && !declared.StartsWith($"Alter.{room}.", StringComparison.Ordinal))
            {
                yield return $"{file.Path}: declares {declared}.";
            }
        }

        foreach (var known in Mentioned().Matches(code).Concat(Relative().Matches(code).Where(IsType)).Select(match => match.Groups["room"].Value).Distinct())
        {
            if (InOrder.IndexOf(known) > place)
            {
                yield return $"{file.Path}: {room} knows {known}, a later room.";
            }
        }
    }

    // "Grants.Count" is a property, "Grants.GrantId" is the later room's type, seen from a neighbour's namespace.
    private static bool IsType(Match match) =>
        typeof(Refusal).Assembly.GetType($"Alter.{match.Groups["room"].Value}.{match.Groups["type"].Value}") is not null;

    [GeneratedRegex(@"^\s*namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Declared();

    // A using directive, an alias, a static using and a qualified name all spell the room after "Alter.".
    [GeneratedRegex(@"(?<![\w.])(global::)?Alter\.(?<room>[A-Z]\w*)\b")]
    private static partial Regex Mentioned();

    [GeneratedRegex(@"(?<![\w.])(?<room>[A-Z]\w*)\.(?<type>[A-Z]\w*)\b")]
    private static partial Regex Relative();
}
