using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace Quickstart.Shop;

/// <summary>What the page asks its backend.</summary>
internal static class ShopApi
{
    private static readonly string[] Providers = ["calendar", "tasks"];

    /// <param name="Provider">One of those the shop offers.</param>
    /// <param name="Mode"><c>popup</c> or <c>redirect</c>.</param>
    public sealed record ConnectOrder(string Provider, string Mode);

    public static void MapShopApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").AddEndpointFilter<VaultUnreachable>();
        api.MapGet("/me", (ClaimsPrincipal user, ShopOptions options) => new
        {
            signed_in = user.Identity is { IsAuthenticated: true },
            name = user.FindFirstValue("name"),
            email = user.FindFirstValue("email"),
            vault_origin = options.VaultUrl.GetLeftPart(UriPartial.Authority),
        });

        api.MapPost("/connect-session", (ConnectOrder order, HttpContext context, Vault vault, ShopOptions options) =>
            !Providers.Contains(order.Provider)
                ? Task.FromResult(UnknownProvider)
                : AsUserAsync(context, token => vault.OpenConnectSessionAsync(
                    token, order.Provider, order.Mode is "redirect" ? new Uri(options.Url, "/connected") : null, context.RequestAborted)));

        api.MapGet("/events", (string? provider, string? account, HttpContext context, Vault vault, ShopOptions options) =>
            !Providers.Contains(provider ??= "calendar") || account?.Any(c => c is < ' ' or > '~') is true
                ? Task.FromResult(UnknownProvider)
                : AsUserAsync(context, token => vault.CallAsync(
                    token, provider, new Uri(options.CalendarUrl, "/api/events"), string.IsNullOrEmpty(account) ? null : account, context.RequestAborted), proxied: true));

        api.MapGet("/connections", (HttpContext context, Vault vault) =>
            AsUserAsync(context, token => vault.ListGrantsAsync(token, context.RequestAborted)));

        api.MapDelete("/connections/{id:guid}", (Guid id, HttpContext context, Vault vault) =>
            AsUserAsync(context, token => vault.RevokeAsync(token, id, context.RequestAborted)));
    }

    private static IResult UnknownProvider =>
        ShopProblem.Of(StatusCodes.Status400BadRequest, "unknown_provider", "The shop offers calendar and tasks; accounts are named in plain ASCII.", "fix_call");

    // The user's token is read from this request's session, never from what the page sends.
    private static async Task<IResult> AsUserAsync(HttpContext context, Func<string, Task<HttpResponseMessage>> call, bool proxied = false)
    {
        if (await context.GetTokenAsync("access_token") is not { Length: > 0 } token)
        {
            return ShopProblem.Of(StatusCodes.Status401Unauthorized, "signed_out", "Sign in first.", "sign_in");
        }

        using var answer = await call(token);
        return await VaultAnswer.ForPageAsync(answer, proxied, context.RequestAborted);
    }
}
