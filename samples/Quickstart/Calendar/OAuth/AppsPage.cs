using Microsoft.AspNetCore.Antiforgery;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static Quickstart.Calendar.OAuth.CalendarPage;

namespace Quickstart.Calendar.OAuth;

/// <summary><c>/apps</c>: where a person takes an app's access away, as every provider has such a page. The app and its vault are not told.</summary>
/// <remarks>The accounts of this demonstration have no passwords, so the page shows all of them.</remarks>
internal static class AppsPage
{
    public static void MapAppsPage(this IEndpointRouteBuilder routes) => routes.MapMethods("/apps", ["GET", "POST"], RunAsync);

    private static async Task<IResult> RunAsync(HttpContext context, IAntiforgery antiforgery, IOpenIddictTokenManager tokens, CancellationToken cancellationToken)
    {
        var removed = "";
        if (HttpMethods.IsPost(context.Request.Method))
        {
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return Results.Text("This form is too old. Go back and try again.", statusCode: StatusCodes.Status400BadRequest);
            }

            if (CalendarAccount.Find(context.Request.Form[Answers.Account]) is { } account)
            {
                await tokens.RevokeBySubjectAsync(account.Id, cancellationToken);
                removed = $"""<p role="status">Acme Shop no longer has access to {Encode(account.Email)}.</p>""";
            }
        }

        var forgery = antiforgery.GetAndStoreTokens(context);
        var rows = "";
        foreach (var account in CalendarAccount.All)
        {
            rows += await HasAccessAsync(tokens, account, cancellationToken) ? Row(account) : "";
        }

        return Show(context, "Apps with access", rows is ""
            ? $"{removed}<p>No app has access to an account.</p>"
            : $"""{removed}<p>Acme Shop may use these accounts.</p><form method="post" action="/apps">{Hidden(forgery.FormFieldName, forgery.RequestToken!)}{rows}</form>""");
    }

    private static string Row(CalendarAccount account) => $"""
        <button name="{Answers.Account}" value="{account.Id}" data-testid="remove-{Encode(account.Email)}">
          <strong>Remove access</strong><span>{Encode(account.Email)}</span>
        </button>
        """;

    private static async Task<bool> HasAccessAsync(IOpenIddictTokenManager tokens, CalendarAccount account, CancellationToken cancellationToken)
    {
        await foreach (var token in tokens.FindBySubjectAsync(account.Id, cancellationToken))
        {
            if (await tokens.HasStatusAsync(token, Statuses.Valid, cancellationToken) && await tokens.HasTypeAsync(token, TokenTypeIdentifiers.RefreshToken, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }
}
