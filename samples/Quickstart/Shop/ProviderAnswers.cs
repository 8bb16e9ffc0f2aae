namespace Quickstart.Shop;

/// <summary>What a provider itself refuses is no error of the vault: the shop says in its own words that the calendar did.</summary>
internal sealed class ProviderAnswers : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (HttpRequestException e) when (e.StatusCode is { } status)
        {
            return ShopProblem.Of(StatusCodes.Status502BadGateway, "provider_answered", $"The calendar answered {(int)status}.", "retry");
        }
    }
}
