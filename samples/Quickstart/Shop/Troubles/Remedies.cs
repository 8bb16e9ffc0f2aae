using System.Runtime.CompilerServices;
using Alter.Sdk;

namespace Quickstart.Shop.Troubles;

/// <summary>What was refused, and what the shop does about it.</summary>
/// <param name="Remedy">What the page offers: <c>connect</c>, <c>choose</c>, <c>sign_in</c>, <c>reason</c> or <c>developer</c>.</param>
/// <param name="Exception">The exception's name.</param>
/// <param name="Code">The vault's code.</param>
/// <param name="Action">What the vault says can be done.</param>
/// <param name="Message">For the developer; users are told in the shop's own words.</param>
/// <param name="Provider">Which provider is to be connected.</param>
/// <param name="Accounts">Among which the person chooses.</param>
internal sealed record Handled(
    string Remedy, string Exception, string Code, AlterAction Action, string Message, string? Provider, IReadOnlyList<string>? Accounts = null)
{
    /// <summary>What else the exception knows.</summary>
    public string? Members { get; init; }

    /// <summary>The line of C# that ran.</summary>
    public string Line { get; init; } = "";
}

/// <summary>
/// What an app does about each exception where it wants to decide itself. It does not have to: <c>AddAlterProblems</c> and <c>AlterConnect.resolve</c> do
/// the same for all of them, as the rest of this shop shows.
/// </summary>
internal static class Remedies
{
    private static readonly (Type Exception, Func<AlterException, Handled> Handle, string Line)[] Catches =
    [
        Catch<GrantNotFoundException>(e => AskToConnect(e)),
        Catch<AmbiguousGrantException>(e => AskToChoose(e, e.AccountIdentifiers)),
        Catch<GrantExpiredException>(e => AskToConnect(e)),
        Catch<GrantRevokedException>(e => AskToConnect(e)),
        Catch<CredentialRevokedException>(e => AskToConnect(e)),
        Catch<ScopeReauthRequiredException>(e => AskToConnect(e, missing: e.MissingScopes)),
        Catch<InvalidUserTokenException>(e => AskToSignIn(e, e.Reason)),
        Catch<PolicyViolationException>(e => TellWhy(e, e.PolicyError)),
        Catch<AlterValueException>(e => TellTheDeveloper(e, e.UrlHost, e.AllowedHosts)),
        Catch<AlterException>(e => TellTheDeveloper(e)),
    ];

    /// <summary>Handles a refusal as a <c>catch</c> of its type would.</summary>
    public static Handled Handle(AlterException refusal)
    {
        var (_, handle, line) = Catches.First(clause => clause.Exception.IsInstanceOfType(refusal));
        return handle(refusal) with { Line = line };
    }

    // The page shows the very text that ran, so the two cannot drift apart.
    private static (Type, Func<AlterException, Handled>, string) Catch<TException>(Func<TException, Handled> handle, [CallerArgumentExpression(nameof(handle))] string text = "")
        where TException : AlterException =>
        (typeof(TException), e => handle((TException)e), $"catch ({typeof(TException).Name} e) {{ return {text[(text.IndexOf("=>", StringComparison.Ordinal) + 3)..]}; }}");

    // ConnectSessionRequest.For(e) is the session that repairs it; this shop has its page ask for one when the person clicks.
    private static Handled AskToConnect(AlterException e, IReadOnlyList<string>? missing = null) =>
        Of(e, "connect") with { Members = missing is null ? null : $"MissingScopes: {string.Join(", ", missing)}" };

    private static Handled AskToChoose(AlterException e, IReadOnlyList<string> accounts) =>
        Of(e, "choose") with { Accounts = accounts, Members = $"AccountIdentifiers: {string.Join(", ", accounts)}" };

    private static Handled AskToSignIn(AlterException e, string? reason) => Of(e, "sign_in") with { Members = $"Reason: {reason}" };

    private static Handled TellWhy(AlterException e, PolicyError why) => Of(e, "reason") with { Members = $"Policy: {why.Policy}, Rule: {why.Rule}" };

    private static Handled TellTheDeveloper(AlterException e, string? host = null, IReadOnlyList<string>? allowed = null) =>
        Of(e, "developer") with { Members = host is null ? null : $"UrlHost: {host}, AllowedHosts: {string.Join(", ", allowed ?? [])}" };

    private static Handled Of(AlterException e, string remedy) => new(remedy, e.GetType().Name, e.Code, e.Action, e.Message, e.Provider);
}
