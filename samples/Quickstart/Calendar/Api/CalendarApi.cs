using System.Security.Claims;

namespace Quickstart.Calendar.Api;

/// <summary>What a calendar is for: its events, and whose it is.</summary>
internal static class CalendarApi
{
    /// <summary>An event to add.</summary>
    /// <param name="Title">1 to 200 characters.</param>
    /// <param name="StartsAt">Any time.</param>
    /// <param name="Minutes">1 to 1440.</param>
    public sealed record NewEvent(string Title, DateTimeOffset StartsAt, int Minutes);

    public static void MapCalendarApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/me", (ClaimsPrincipal caller) =>
        {
            var account = caller.Account();
            return new { id = account.Id, email = account.Email, name = account.Name };
        }).RequireAuthorization();

        routes.MapGet("/api/events", (ClaimsPrincipal caller, EventBook book) =>
            new { account = caller.Account().Email, events = book.List(caller.Account()) }).RequireAuthorization(CalendarScopes.Read);

        routes.MapPost("/api/events", (ClaimsPrincipal caller, EventBook book, NewEvent entry) =>
        {
            if (entry.Title is not { Length: >= 1 and <= 200 } || entry.Minutes is < 1 or > 1440)
            {
                return Results.BadRequest(new { error = "title has 1 to 200 characters, minutes are 1 to 1440" });
            }

            var added = book.Add(caller.Account(), entry.Title, entry.StartsAt, entry.Minutes);
            return Results.Created($"/api/events/{added.Id}", added);
        }).RequireAuthorization(CalendarScopes.Write);
    }
}
