using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.Calendar;

/// <summary>What a client may ask for.</summary>
public static class CalendarScopes
{
    public const string Read = "calendar.read";
    public const string Write = "calendar.write";

    /// <summary>Each with what the consent page says of it.</summary>
    public static IReadOnlyDictionary<string, string> Meaning { get; } = new Dictionary<string, string>
    {
        [Scopes.OpenId] = "Know which account this is",
        [Scopes.Email] = "See the mail address",
        [Scopes.Profile] = "See the name",
        [Scopes.OfflineAccess] = "Keep access while nobody is watching",
        [Read] = "See the events",
        [Write] = "Add events",
    };

    /// <summary>People may allow some of these and not others, as at Google.</summary>
    public static bool IsOptional(string scope) => scope is Read or Write;
}
