namespace Quickstart.Calendar.OAuth;

/// <summary>
/// Lets one token request in at a time. OpenIddict reads, then marks a refresh token as redeemed; over the in-memory store two racing requests
/// both got tokens (measured), and a provider whose rotation is strict must not do that.
/// </summary>
internal sealed class OneRedemptionAtATime(RequestDelegate next) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path != "/connect/token" || !context.Request.HasFormContentType)
        {
            await next(context);
            return;
        }

        await context.Request.ReadFormAsync(context.RequestAborted); // A slow sender waits outside.
        await _turn.WaitAsync(context.RequestAborted);
        try
        {
            await next(context);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
