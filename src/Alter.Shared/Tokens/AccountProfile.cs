namespace Alter.Tokens;

/// <summary>The provider account behind a grant. Personal data: sealed like a token wherever it is stored.</summary>
/// <param name="AccountId">The provider's immutable id of the account.</param>
/// <param name="Identifier">What people know it by; never empty (falls back to the id).</param>
/// <param name="DisplayName">The person's or workspace's name, where the provider says it.</param>
/// <param name="Email">The mail address, where the provider says it.</param>
public sealed record AccountProfile(string AccountId, string Identifier, string? DisplayName, string? Email)
{
    /// <summary>Longest value kept of each member; providers are not trusted to be brief.</summary>
    public const int MaxLength = 320;

    /// <summary>Personal data never prints.</summary>
    public override string ToString() => "[account profile]";
}
