using System.Net.Http.Json;

namespace Alter.Functions.Tests.Running;

/// <summary>Holds every answer the tests get from a vault against docs/openapi.json, and every body it accepted.</summary>
internal sealed class DocumentedAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (!response.Headers.Contains("X-Alter-Request-Id"))
        {
            return response; // Not the vault's: a provider, an identity provider, or the host in front.
        }

        var (method, path, type) = (request.Method.Method, request.RequestUri!.AbsolutePath, response.Content.Headers.ContentType?.MediaType);
        var code = response.Headers.TryGetValues("X-Alter-Error", out var codes) ? codes.Single() : null;
        var isProvidersOwn = path == "/sdk/proxy" && code is null;
        string? body = null;
        if (!isProvidersOwn && type?.EndsWith("json", StringComparison.Ordinal) is true && request.Method != HttpMethod.Head)
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken); // Short, and the test reads it again.
            body = await response.Content.ReadAsStringAsync(cancellationToken);
        }

        var fault = ApiDocument.FaultOf(method, path, (int)response.StatusCode, type, code, body);
        if (fault is null && response.IsSuccessStatusCode && !isProvidersOwn && request.Content is StringContent or JsonContent)
        {
            fault = ApiDocument.FaultOfRequest(method, path, await request.Content.ReadAsStringAsync(cancellationToken));
        }

        Assert.True(fault is null, $"docs/openapi.json and the vault differ. {fault}");
        return response;
    }
}
