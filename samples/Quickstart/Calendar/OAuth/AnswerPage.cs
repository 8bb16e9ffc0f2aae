using Microsoft.AspNetCore.Antiforgery;
using static Quickstart.Calendar.OAuth.CalendarPage;

namespace Quickstart.Calendar.OAuth;

/// <summary>The two pages a person sees.</summary>
/// <param name="forgery">Ties an answer to the browser that was asked (RFC 6819 §4.4.1.9 and §5.3.5).</param>
/// <param name="request">The client's parameters, posted again with the answer.</param>
internal sealed class AnswerPage(AntiforgeryTokenSet forgery, IEnumerable<KeyValuePair<string, string>> request)
{
    public IResult AskAccount(HttpContext context) => Page(context, "Choose an account", string.Concat(CalendarAccount.All.Select(account => $"""
        <button name="{Answers.Account}" value="{account.Id}" data-testid="account-{Encode(account.Email)}">
          <strong>{Encode(account.Email)}</strong><span>{Encode(account.Name)}</span>
        </button>
        """)));

    public IResult AskConsent(HttpContext context, CalendarAccount account, IEnumerable<string> scopes) => Page(context, "Acme Shop wants access", $"""
        <p>to <strong data-testid="consent-account">{Encode(account.Email)}</strong></p>
        {Hidden(Answers.Account, account.Id)}
        {string.Concat(scopes.Select(Scope))}
        <div class="choices">
          <button name="{Answers.Decision}" value="{Answers.Deny}" data-testid="deny">Deny</button>
          <button class="main" name="{Answers.Decision}" value="{Answers.Allow}" data-testid="allow">Allow</button>
        </div>
        """);

    private static string Scope(string scope) => $"""
        <label><input type="checkbox" name="{Answers.Granted}" value="{Encode(scope)}" data-testid="scope-{Encode(scope)}" checked{(CalendarScopes.IsOptional(scope) ? "" : " disabled")}>
          {Encode(CalendarScopes.Meaning.GetValueOrDefault(scope, scope))}<span>{Encode(scope)}</span></label>
        """;

    private IResult Page(HttpContext context, string title, string body)
    {
        var repeated = string.Concat(request.Append(new(forgery.FormFieldName, forgery.RequestToken!)).Select(field => Hidden(field.Key, field.Value)));
        return Show(context, title, $"""<form method="post" action="/connect/authorize">{repeated}{body}</form>""");
    }
}
