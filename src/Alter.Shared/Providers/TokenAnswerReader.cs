using System.Text.RegularExpressions;

namespace Alter.Providers;

/// <summary>Reads the member <c>token_answer</c> of a definition.</summary>
internal static partial class TokenAnswerReader
{
    private const string Example = "{ \"errors\": { \"bad_refresh_token\": \"invalid_grant\" } }";

    /// <summary>What the vault acts on: RFC 6749 §5.2, RFC 6750 §3.1 (invalid_token), RFC 7009 §2.2.1, and §4.1.2.1 for "ask again later".</summary>
    private static readonly HashSet<string> Meanings = ["invalid_grant", "invalid_client", "invalid_token", "unsupported_token_type", "temporarily_unavailable"];

    public static TokenAnswerDefinition Read(StrictObject document, bool explained)
    {
        var usual = new TokenAnswerDefinition();
        if (document.Object("token_answer", Example) is not { } answer)
        {
            return usual;
        }

        if (!explained)
        {
            document.Add("token_answer", "What is not RFC 6749's way is possible only where 'because' says \"token_answer: …\".", Example);
        }

        var definition = new TokenAnswerDefinition
        {
            Within = answer.Text("within", MemberForm(), "the name of one member", "\"authed_user\""),
            TokenType = answer.Text("token_type", CodeForm(), "one word", "\"user\"") ?? usual.TokenType,
            Success = answer.Text("success", MemberForm(), "the name of one member", "\"ok\""),
            Errors = Errors(answer),
            Scopes = ScopeNames(answer),
        };
        answer.Close();
        return definition;
    }

    private static Dictionary<string, string> Errors(StrictObject answer)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (answer.Object("errors", Example) is not { } members)
        {
            return errors;
        }

        foreach (var code in members.Names)
        {
            if (!CodeForm().IsMatch(code))
            {
                members.Add(code, "It is no error code.", "bad_refresh_token");
                _ = members.Take(code, false, Example);
            }
            else if (members.Text(code, "\"invalid_grant\"") is { } meaning)
            {
                errors[code] = meaning;
                if (!Meanings.Contains(meaning))
                {
                    members.Add(code, "It must be an error the vault acts on.", $"one of {string.Join(", ", Meanings)}");
                }
            }
        }

        return errors;
    }

    private static Dictionary<string, string> ScopeNames(StrictObject answer)
    {
        const string ScopeExample = "{ \"https://www.googleapis.com/auth/userinfo.email\": \"email\" }";
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        if (answer.Object("scopes", ScopeExample) is not { } members)
        {
            return names;
        }

        foreach (var answered in members.Names)
        {
            if (members.Text(answered, "\"email\"") is not { } asked)
            {
                continue;
            }

            names[answered] = asked;
            if (!Scopes.IsToken(answered, " ") || !Scopes.IsToken(asked, " "))
            {
                members.Add(answered, "A scope is visible ASCII without quotes, backslash and blanks.", ScopeExample);
            }
        }

        return names;
    }

    [GeneratedRegex(@"^[^\s.]{1,100}\z")]
    private static partial Regex MemberForm();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]{0,63}\z")]
    private static partial Regex CodeForm();
}
