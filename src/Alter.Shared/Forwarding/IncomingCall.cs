using System.Net;
using Alter.Apps;
using Alter.Grants;
using Alter.Policies;
using Alter.Providers;

namespace Alter.Forwarding;

/// <summary>A call as its caller asks for it, caller and user identified, nothing decided.</summary>
public sealed record IncomingCall
{
    /// <summary>The calling app.</summary>
    public required AppConfiguration App { get; init; }

    /// <summary>The key it presented.</summary>
    public required AppKey Key { get; init; }

    /// <summary>Whose grants; null: any user's of the app, by id alone.</summary>
    public required GrantOwner? Owner { get; init; }

    /// <summary>The groups of the user's token; null: no token, or none in it.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Who called the vault, by the document's rule; null: not known.</summary>
    public IPAddress? CallerAddress { get; init; }

    /// <summary>The HTTP method, in capitals.</summary>
    public required string Method { get; init; }

    /// <summary>Where to; its host is not allowed yet.</summary>
    public required TargetUrl Target { get; init; }

    /// <summary>The provider; null where a grant is named. Exactly one of the two.</summary>
    public string? ProviderId { get; init; }

    /// <summary>The grant's id as received; null where the provider is named.</summary>
    public string? GrantIdText { get; init; }

    /// <summary>Narrows to an account.</summary>
    public string? AccountText { get; init; }

    /// <summary>A provider's redirect keeps its <c>Location</c>.</summary>
    public bool KeepsLocation { get; init; }

    /// <summary>The grant it means, as soon as that is known, whatever becomes of the call; null: not known.</summary>
    internal Grant? Found { get; set; }

    /// <summary>What rules know of it.</summary>
    internal CallFacts FactsAt(DateTimeOffset at, AppProvider provider) => new()
    {
        At = at,
        Method = Method,
        PathAndQuery = Target.PathAndQuery,
        BatchPaths = provider.Definition.BatchPaths,
        CallerAddress = CallerAddress,
        Groups = Groups,
    };
}
