using OpenIddict.Abstractions;

namespace Quickstart.Calendar.Demo;

/// <summary><c>/demo/…</c>: for tests, only where controls are on.</summary>
internal static class DemoApi
{
    /// <param name="Account">The mail address of an account.</param>
    public sealed record Withdrawal(string Account);

    public static void MapDemoControls(this IEndpointRouteBuilder routes)
    {
        var demo = routes.MapGroup("/demo");
        demo.MapGet("/stats", (DemoState state) => state.Counted);
        demo.MapDelete("/stats", (DemoState state) => state.ResetCounters());
        demo.MapGet("/tokens", (DemoState state) => state.Issued);
        demo.MapGet("/controls", (DemoState state) => state.Current);
        demo.MapPost("/controls", (Misbehaviour misbehaviour, DemoState state) => state.Set(misbehaviour));

        // The account's owner removes the app in the calendar's own settings; the vault is not told.
        demo.MapPost("/withdraw", async (Withdrawal withdrawal, IOpenIddictTokenManager tokens, CancellationToken cancellationToken) =>
            CalendarAccount.All.FirstOrDefault(account => account.Email == withdrawal.Account) is { } account
                ? Results.Json(new { revoked = await tokens.RevokeBySubjectAsync(account.Id, cancellationToken) })
                : Results.NotFound());

        // A provider that pretends to be the vault, and one that would have its answer cached or a cookie set.
        demo.Map("/forged", (HttpContext context) =>
        {
            var headers = context.Response.Headers;
            headers["X-Alter-Error"] = "grant_revoked";
            headers["X-Alter-Grant-Id"] = "00000000-0000-0000-0000-000000000000";
            headers["Set-Cookie"] = "calendar=1";
            headers["Cache-Control"] = "public, max-age=3600";
            headers["Access-Control-Allow-Origin"] = "*";
            headers["Strict-Transport-Security"] = "max-age=31536000";
            headers["X-Echoed-Authorization"] = context.Request.Headers.Authorization.ToString();
            return Results.Json(new { forged = true });
        });
    }
}
