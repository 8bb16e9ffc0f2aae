using System.Net;
using System.Text;
using Azure.Core;

namespace Alter.Tests.Apps;

/// <summary>Key Vault's answers to one question, below the real client.</summary>
internal sealed class FakeKeyVault : HttpMessageHandler
{
    private int reads;

    public int Reads => reads;

    public string Value { get; set; } = "v1";

    public int Status { get; set; } = 200;

    public TaskCompletionSource? Gate { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Authorization is null)
        {
            // The client asks once without a token, to learn from whom to get one.
            var challenge = new HttpResponseMessage(HttpStatusCode.Unauthorized);
            challenge.Headers.TryAddWithoutValidation("WWW-Authenticate", "Bearer authorization=\"https://login.microsoftonline.com/t\", resource=\"https://vault.azure.net\"");
            return challenge;
        }

        Interlocked.Increment(ref reads);
        if (Gate is { } gate)
        {
            await gate.Task.WaitAsync(cancellationToken);
        }

        var body = Status == 200
            ? $$"""{ "value": "{{Value}}", "id": "https://fake.vault.azure.net/secrets/shop-google/0123456789abcdef0123456789abcdef", "attributes": { "enabled": true } }"""
            : """{ "error": { "code": "SecretNotFound", "message": "no" } }""";
        return new HttpResponseMessage((HttpStatusCode)Status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }
}

/// <summary>Signs in nowhere.</summary>
internal sealed class FakeCredential : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("fake", DateTimeOffset.MaxValue);

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        ValueTask.FromResult(GetToken(requestContext, cancellationToken));
}
