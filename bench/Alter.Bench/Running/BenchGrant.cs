using Alter.Grants;

namespace Alter.Bench.Running;

/// <summary>A seeded grant: its row as it was, the provider's side of it, and its user's JWT.</summary>
public sealed record BenchGrant(Grant Row, TokenFamily Family, FakeTokenServer Server, string UserToken)
{
    /// <summary>The user's subject.</summary>
    public string User { get; init; } = "";
}
