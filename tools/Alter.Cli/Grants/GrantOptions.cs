using System.CommandLine;
using Alter.Apps;

namespace Alter.Cli.Grants;

/// <summary>Options that the commands about grants share.</summary>
internal static class GrantOptions
{
    public static Option<string?> Config() => new("--config") { Description = "The document; otherwise ALTER_CONFIG, otherwise alter.json of the checkout." };

    public static Option<string?> App() => Id("--app", "Only grants of this app.");

    public static Option<string?> Provider() => Id("--provider", "Only grants of this provider.");

    public static Argument<Guid> GrantId()
    {
        var id = new Argument<Guid>("grant-id")
        {
            Description = "The grant's id, as answers of the vault have it.",
            CustomParser = result =>
            {
                if (result.Tokens is [var token] && Guid.TryParseExact(token.Value, "D", out var parsed))
                {
                    return parsed;
                }

                result.AddError("A grant id is a UUID like 0b0c6c1e-9d5f-8a31-b0c4-6a0e2f6d7c11.");
                return default;
            },
        };
        return id;
    }

    // Ids become part of a table's filter.
    private static Option<string?> Id(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !Forms.Id().IsMatch(text))
            {
                result.AddError($"{name}: an id is a lower-case letter, then at most 39 of a-z, 0-9, _ and -.");
            }
        });
        return option;
    }
}
