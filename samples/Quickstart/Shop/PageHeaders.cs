namespace Quickstart.Shop;

/// <summary>
/// What browsers are told of every page: the widget comes from the vault and may ask it how a session stands, nothing else is foreign. There is no
/// Cross-Origin-Opener-Policy on purpose: it would cut the Connect window off from the page that opened it. And no stricter Referrer-Policy than the
/// default: the Connect page compares the origin it was opened from.
/// </summary>
internal sealed class PageHeaders(RequestDelegate next, ShopOptions options)
{
    private readonly string _policy =
        $"default-src 'self'; script-src 'self' {options.VaultOrigin}; connect-src 'self' {options.VaultOrigin}; base-uri 'none'; object-src 'none'; "
        + $"frame-ancestors 'none'; form-action 'self' {options.IdentityProviderUrl.GetLeftPart(UriPartial.Authority)}";

    public Task InvokeAsync(HttpContext context)
    {
        // At the last moment: whoever answers an exception starts with empty headers.
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = _policy;
            headers.XContentTypeOptions = "nosniff";
            headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    }
}
