using System.Net;

namespace Alter.Policies;

/// <summary>What rules know of a call.</summary>
public sealed record CallFacts
{
    /// <summary>When it is made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The HTTP method, in capitals.</summary>
    public required string Method { get; init; }

    /// <summary>Path and query exactly as they are sent to the provider; nothing is decoded or shortened.</summary>
    public required string PathAndQuery { get; init; }

    /// <summary>The provider's paths that carry other calls inside.</summary>
    public IReadOnlyList<string> BatchPaths { get; init; } = [];

    /// <summary>Who called the vault, by the document's one rule; null: not known.</summary>
    public IPAddress? CallerAddress { get; init; }

    /// <summary>The groups in the user's token; null: no user token, or no such claim in it.</summary>
    public IReadOnlyList<string>? Groups { get; init; }
}
