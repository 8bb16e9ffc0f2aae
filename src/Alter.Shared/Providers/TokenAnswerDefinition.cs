namespace Alter.Providers;

/// <summary>Where the answers of a token endpoint differ from RFC 6749 §5. Without anything said they do not.</summary>
public sealed record TokenAnswerDefinition
{
    /// <summary>
    /// The member whose object holds the tokens. Where that object has no access token, as in Slack's answer to a refresh, they lie at the top. Never are
    /// members of the two places mixed: the tokens at the top may be another party's.
    /// </summary>
    public string? Within { get; init; }

    /// <summary>The <c>token_type</c> that means a bearer token.</summary>
    public string TokenType { get; init; } = "Bearer";

    /// <summary>The member that is true where a status of 200 means success. Null: the status alone says it.</summary>
    public string? Success { get; init; }

    /// <summary>The provider's error codes, and the standard's that mean the same.</summary>
    public IReadOnlyDictionary<string, string> Errors { get; init; } = new Dictionary<string, string>();

    /// <summary>Scopes as the answer names them, and the name the same scope is asked by.</summary>
    public IReadOnlyDictionary<string, string> Scopes { get; init; } = new Dictionary<string, string>();
}
