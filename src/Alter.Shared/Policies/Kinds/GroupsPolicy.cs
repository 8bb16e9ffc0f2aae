namespace Alter.Policies;

/// <summary>Allows calls for users who are in one of some groups, as their token says.</summary>
/// <param name="Name">The operator's name for it.</param>
/// <param name="AnyOf">One is enough; compared byte for byte.</param>
public sealed record GroupsPolicy(string Name, IReadOnlySet<string> AnyOf) : IPolicy
{
    public string Kind => "groups";

    public string Rule { get; } = ShortList.Of(AnyOf);

    public Denial? Judge(CallFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return facts.Groups is not { } groups
            ? new Denial("The call names no groups: it has no user token, or that token has no list of texts at the identity provider's groups_claim.")
            : groups.Any(AnyOf.Contains) ? null
            : new Denial("The user is in none of the groups this is allowed for.");
    }
}
