using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Alter.Sdk.AspNetCore;

/// <summary>Answers the front end with what it can do about an <see cref="AlterException"/>: open Connect, show a picker, try again.</summary>
/// <remarks>What only the developer can repair is answered without details: they would tell strangers how the app is built.</remarks>
internal sealed class AlterProblemAnswer : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (AlterException.Find(exception) is not { } found)
        {
            return false;
        }

        var status = StatusOf(found);
        var isForUser = status < StatusCodes.Status500InternalServerError || found.IsTransient;
        var body = new JsonObject
        {
            ["type"] = $"urn:alter:error:{found.Code}",
            ["title"] = TitleOf(found.Action),
            ["status"] = status,
            ["code"] = found.Code,
            ["action"] = ToWire(found.Action),
        };
        Add("provider", isForUser ? found.Provider : null);
        Add("request_id", found.RequestId);
        if (found is AmbiguousGrantException ambiguous)
        {
            body["account_identifiers"] = new JsonArray([.. ambiguous.AccountIdentifiers.Select(account => JsonValue.Create(account))]);
        }

        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (found.RetryAfter is { } wait && isForUser)
        {
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        await response.WriteAsync(body.ToJsonString(), cancellationToken).ConfigureAwait(false);
        return true;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                body[name] = value;
            }
        }
    }

    // 401 is for a user who has to sign in again; the app's own key being wrong is none of the user's business.
    private static int StatusOf(AlterException found) => found switch
    {
        InvalidUserTokenException { Reason: "missing" or "expired" } => StatusCodes.Status401Unauthorized,
        PolicyViolationException { Action: AlterAction.Retry } => StatusCodes.Status429TooManyRequests,
        PolicyViolationException => StatusCodes.Status403Forbidden,
        { Action: AlterAction.Connect or AlterAction.ChooseAccount } => (int?)found.StatusCode ?? StatusCodes.Status409Conflict,
        { Action: AlterAction.Retry } => (int?)found.StatusCode ?? StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static string TitleOf(AlterAction action) => action switch
    {
        AlterAction.Connect => "The account has to be connected",
        AlterAction.ChooseAccount => "An account has to be chosen",
        AlterAction.Retry => "Try again in a moment",
        _ => "The call could not be made",
    };

    private static string ToWire(AlterAction action) => action switch
    {
        AlterAction.Connect => "connect",
        AlterAction.ChooseAccount => "choose_account",
        AlterAction.Retry => "retry",
        AlterAction.FixCall => "fix_call",
        AlterAction.FixConfiguration => "fix_configuration",
        _ => "none",
    };
}
