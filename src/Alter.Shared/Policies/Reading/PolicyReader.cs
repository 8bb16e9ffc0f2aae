using System.Text.RegularExpressions;

namespace Alter.Policies;

/// <summary>Reads <c>policies</c> of an app or of one of its providers. An unknown kind or member is a mistake: a rule that was not understood would allow.</summary>
internal static partial class PolicyReader
{
    private const int MostPolicies = 50;
    private const string Example = "[{ \"name\": \"gentle\", \"kind\": \"rate\", \"per\": \"grant\", \"limit\": 60, \"window_seconds\": 60 }]";

    private static readonly SortedDictionary<string, Func<StrictObject, string, object?>> Kinds = new(StringComparer.Ordinal)
    {
        ["time_of_day"] = TimeOfDayReader.Read,
        ["caller_address"] = (entry, name) => AddressRangeReader.Read(entry, required: true) is { Count: > 0 } ranges ? new CallerAddressPolicy(name, ranges) : null,
        ["request"] = RequestReader.Read,
        ["groups"] = Groups,
        [RatePolicy.Kind] = Rate,
    };

    public static PolicySet Read(StrictObject owner)
    {
        var (rules, rates, names) = (new List<IPolicy>(), new List<RatePolicy>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var entry in owner.Objects("policies", Example))
        {
            var name = entry.Text("name", Name(), "a lower-case letter, then at most 39 of a-z, 0-9, _ and -", "\"gentle\"", required: true);
            if (name is PolicyViolation.Suspended || (name is not null && !names.Add(name)))
            {
                entry.Add("name", name is PolicyViolation.Suspended ? "The vault itself uses this name." : "Another policy of this list has this name.", "\"gentle\"");
            }

            if (entry.Text("kind", "\"rate\"", required: true) is not { } kind)
            {
                continue; // Which members it may have is not known.
            }

            if (!Kinds.TryGetValue(kind, out var read))
            {
                entry.Add("kind", "There is no such kind of policy.", $"one of {string.Join(", ", Kinds.Keys)}");
                continue;
            }

            switch (read(entry, name ?? ""))
            {
                case IPolicy rule:
                    rules.Add(rule);
                    break;
                case RatePolicy rate:
                    rates.Add(rate);
                    break;
            }

            entry.Close();
        }

        if (names.Count > MostPolicies)
        {
            owner.Add("policies", $"There are more than {MostPolicies}.", Example);
        }

        return rules.Count + rates.Count == 0 ? PolicySet.None : new PolicySet(rules, rates);
    }

    private static GroupsPolicy? Groups(StrictObject entry, string name)
    {
        const string AnyOfExample = "[\"finance\"]";
        var groups = entry.Texts("any_of", AnyOfExample, required: true);
        if (groups.Count == 0)
        {
            if (entry.Has("any_of"))
            {
                entry.Add("any_of", "It allows nobody.", AnyOfExample);
            }

            return null;
        }

        return new GroupsPolicy(name, groups.Select(group => group.Text).ToHashSet(StringComparer.Ordinal));
    }

    private static RatePolicy? Rate(StrictObject entry, string name)
    {
        var per = entry.Text("per", "\"grant\"", required: true);
        if (per is not null && !RatePerNames.All.Contains(per))
        {
            entry.Add("per", "It says what is counted together.", $"one of {string.Join(", ", RatePerNames.All)}");
            per = null;
        }

        var limit = entry.Number("limit", 1, 10_000_000, "60", required: true);
        var window = entry.Seconds("window_seconds", 1, 86_400, "60", required: true);
        return per is null || limit is null || window is null
            ? null
            : new RatePolicy(name, Enum.GetValues<RatePer>().Single(value => value.ToWire() == per), limit.Value, window.Value);
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,39}\z")]
    private static partial Regex Name();
}
