namespace Quickstart.Shop;

/// <summary>Refuses every request that changes something and was not made by this shop's own page: the session cookie alone proves no intent.</summary>
internal sealed class SameOriginWrites(RequestDelegate next, ShopOptions options)
{
    private readonly string _origin = options.Url.GetLeftPart(UriPartial.Authority);

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || IsOurs(request.Headers))
        {
            return next(context);
        }

        return ShopProblem.Of(StatusCodes.Status403Forbidden, "cross_site", "Only the shop's own page may do this.").ExecuteAsync(context);
    }

    // Sec-Fetch-Site cannot be set by a script; browsers too old to send it still send Origin with every POST and DELETE.
    private bool IsOurs(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site ? site is "same-origin" : headers.Origin == _origin;
}
