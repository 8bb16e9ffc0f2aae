namespace Alter.Identity;

/// <summary>A user as a verified token names them.</summary>
/// <param name="Id">Whose grants.</param>
/// <param name="Issuer">Concrete, with its tenant where the configured one is a template.</param>
/// <param name="Subject">The token's <c>sub</c>, or the user-id claim's value where it has none.</param>
/// <param name="Name">For people, never for decisions.</param>
/// <param name="Email">For people; null where the issuer says it is not verified.</param>
/// <param name="IssuedAt">The token's <c>iat</c>.</param>
public sealed record VerifiedUser(UserId Id, string Issuer, string Subject, string? Name, string? Email, DateTimeOffset IssuedAt)
{
    /// <summary>The groups the token lists; null: it has no such claim, or one of another form.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    // At sign, its full-width and its small form.
    private static readonly System.Buffers.SearchValues<char> AtSigns = System.Buffers.SearchValues.Create("@\uff20\ufe6b");

    /// <summary>What the Connect page calls the user. People choose their names: one that reads like an address could be another's, so it is not shown.</summary>
    public string Label => Name is { } name && !name.AsSpan().ContainsAny(AtSigns) ? name : Email ?? Subject;

    /// <summary>Who somebody is, is personal: never printed.</summary>
    public override string ToString() => Id.ToString();
}
