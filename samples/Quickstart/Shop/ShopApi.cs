using System.Security.Claims;
using Alter.Sdk;

namespace Quickstart.Shop;

/// <summary>
/// What the page asks its backend: the guide, line by line. Nobody here looks for errors of the vault. <c>AddAlterProblems</c> tells the page, and the
/// widget's <c>AlterConnect.resolve</c> asks the person and repeats the call.
/// </summary>
internal static class ShopApi
{
    private static readonly string[] Providers = ["calendar", "tasks"];

    /// <param name="Provider">One of those the shop offers.</param>
    /// <param name="Mode"><c>popup</c> or <c>redirect</c>.</param>
    /// <param name="Seconds">How long the grant lives; null: as the vault's document says.</param>
    public sealed record ConnectOrder(string Provider, string Mode = "popup", int? Seconds = null);

    public static void MapShopApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").AddEndpointFilter<ProviderAnswers>();
        api.MapGet("/me", (ClaimsPrincipal user) => new
        {
            signed_in = user.Identity is { IsAuthenticated: true },
            name = user.FindFirstValue("name"),
            email = user.FindFirstValue("email"),
        });

        api.MapPost("/connect-session", async (ConnectOrder order, AlterApp alter, ShopOptions options, CancellationToken cancellationToken) =>
        {
            if (!Providers.Contains(order.Provider))
            {
                return ShopProblem.UnknownProvider;
            }

            var session = await alter.CreateConnectSessionAsync(
                new ConnectSessionRequest
                {
                    AllowedProviders = [order.Provider],
                    AllowedOrigin = options.Origin,
                    ReturnUrl = order.Mode is "redirect" ? $"{options.Origin}/connected" : null,
                    GrantPolicy = order.Seconds is { } seconds ? new GrantPolicy { DefaultTtlSeconds = seconds } : null,
                },
                cancellationToken);
            return Results.Json(new { session_token = session.SessionToken });
        });

        api.MapGet("/events", async (string? provider, string? account, CalendarClient calendar, CancellationToken cancellationToken) =>
            Providers.Contains(provider ??= "calendar")
                ? Results.Ok(await calendar.EventsAsync(GrantSelector.Provider(provider, account), cancellationToken))
                : ShopProblem.UnknownProvider);

        api.MapGet("/connections", async (AlterApp alter, CancellationToken cancellationToken) =>
            (await alter.ListGrantsPageAsync(cancellationToken: cancellationToken)).Grants.Select(grant => new
            {
                grant_id = grant.GrantId,
                provider = grant.ProviderId,
                provider_name = grant.ProviderName,
                account = grant.AccountIdentifier,
                status = grant.Status,
            }));

        api.MapDelete("/connections/{grantId:guid}", (Guid grantId, AlterApp alter, CancellationToken cancellationToken) =>
            alter.RevokeGrantAsync(grantId, "disconnected in the shop", cancellationToken));
    }
}
