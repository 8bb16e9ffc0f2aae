namespace Quickstart.Shop;

/// <summary>
/// What browsers are told of every page. There is no Cross-Origin-Opener-Policy on purpose: it would cut the Connect window off from the page that
/// opened it. And no stricter Referrer-Policy than the default: the Connect page compares the origin it was opened from.
/// </summary>
internal sealed class PageHeaders(RequestDelegate next, ShopOptions options)
{
    private readonly string _policy =
        $"default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self' {options.IdentityProviderUrl.GetLeftPart(UriPartial.Authority)}";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = _policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        return next(context);
    }
}
