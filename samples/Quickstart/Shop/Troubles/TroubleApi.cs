using Alter.Sdk;

namespace Quickstart.Shop.Troubles;

/// <summary><c>POST /api/troubles/{name}</c>: provokes one error and answers how it was handled.</summary>
internal static class TroubleApi
{
    /// <param name="GrantId">The connection to use, where the trouble needs one.</param>
    public sealed record Order(Guid? GrantId);

    public static void MapTroubles(this IEndpointRouteBuilder routes) => routes.MapPost(
        "/api/troubles/{name}",
        async (string name, Order order, HttpContext context, AlterApp alter, CalendarClient calendar, ShopOptions options, CancellationToken cancellationToken) =>
        {
            try
            {
                return new Trouble(alter, calendar, options).Provoke(name, order.GrantId, context, cancellationToken) is { } call
                    ? Results.Json(new { remedy = "none", answer = await call })
                    : Results.NotFound();
            }
            catch (AlterException refusal)
            {
                return Results.Json(Remedies.Handle(refusal));
            }
        }).AddEndpointFilter<ProviderAnswers>();
}
