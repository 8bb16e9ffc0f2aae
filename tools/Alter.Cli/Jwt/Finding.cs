namespace Alter.Cli.Jwt;

/// <summary>One reason why a token is not accepted.</summary>
/// <param name="Sentence">What is the matter.</param>
/// <param name="Line">The one line that would change it; null where alter.json is not at fault.</param>
/// <param name="Place">Where the line goes, as in <c>identity_providers.auth0</c>.</param>
internal sealed record Finding(string Sentence, string? Line = null, string? Place = null);
