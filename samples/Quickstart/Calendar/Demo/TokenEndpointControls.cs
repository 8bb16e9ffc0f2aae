namespace Quickstart.Calendar.Demo;

/// <summary>Stands before the OAuth server, counts what it is asked and misbehaves as told.</summary>
internal sealed class TokenEndpointControls(RequestDelegate next, DemoState state, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path == "/connect/revoke" && HttpMethods.IsPost(request.Method))
        {
            await next(context);
            if (context.Response.StatusCode is StatusCodes.Status200OK)
            {
                state.CountRevocation();
            }

            return;
        }

        if (request.Path != "/connect/token" || !HttpMethods.IsPost(request.Method) || !request.HasFormContentType)
        {
            await next(context);
            return;
        }

        await TokenAsync(context, state.Current);
    }

    private async Task TokenAsync(HttpContext context, Misbehaviour misbehaviour)
    {
        state.CountTokenRequest();
        var refreshToken = (await context.Request.ReadFormAsync(context.RequestAborted))["refresh_token"].ToString();
        await Task.Delay(TimeSpan.FromSeconds(misbehaviour.TokenDelaySeconds), time, context.RequestAborted);
        if (misbehaviour.FailTokenWith is { } failure && state.Strikes())
        {
            context.Response.StatusCode = failure.Status;
            await (failure.Error is { } error
                ? context.Response.WriteAsJsonAsync(new { error }, context.RequestAborted)
                : context.Response.WriteAsync("<html>Bad gateway</html>", context.RequestAborted));
            return;
        }

        if (refreshToken is { Length: > 0 })
        {
            state.CountPresentation(refreshToken);
        }

        // The answer is held back here, so that redeeming and answering can be torn apart.
        var wire = context.Response.Body;
        using var held = new MemoryStream();
        context.Response.Body = held;
        await next(context);
        context.Response.Body = wire;
        if (context.Response.StatusCode is StatusCodes.Status200OK)
        {
            state.NoteIssued(held.GetBuffer().AsSpan(0, (int)held.Length));
            if (refreshToken is { Length: > 0 })
            {
                state.CountRefresh();
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(misbehaviour.TokenAnswerDelaySeconds), time, context.RequestAborted);
        if (misbehaviour.LoseTokenAnswers && state.Strikes())
        {
            context.Abort();
            return;
        }

        held.Position = 0;
        await held.CopyToAsync(wire, context.RequestAborted);
    }
}
