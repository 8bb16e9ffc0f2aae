namespace Quickstart.Shop;

/// <summary>Says so, where nothing answers at the vault's address.</summary>
internal sealed class VaultUnreachable(ShopOptions options) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (HttpRequestException)
        {
            return ShopProblem.Of(StatusCodes.Status502BadGateway, "vault_unreachable", $"Nothing answers at {options.VaultUrl.GetLeftPart(UriPartial.Authority)}. Is the vault running?", "retry");
        }
    }
}
