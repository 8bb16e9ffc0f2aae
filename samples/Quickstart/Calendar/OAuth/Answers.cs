namespace Quickstart.Calendar.OAuth;

/// <summary>The form fields with which a person answers; everything else in the form is the client's request.</summary>
internal static class Answers
{
    public const string Account = "account";
    public const string Decision = "decision";
    public const string Granted = "granted";
    public const string Allow = "allow";
    public const string Deny = "deny";

    /// <summary>The last is the antiforgery field's default name.</summary>
    public static IReadOnlySet<string> All { get; } = new HashSet<string> { Account, Decision, Granted, "__RequestVerificationToken" };
}
