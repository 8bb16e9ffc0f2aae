namespace Alter.Sdk;

/// <summary>The app's connections, lent to a client whose disposal must not close them.</summary>
internal sealed class SharedHandler(HttpMessageInvoker wire) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => wire.SendAsync(request, cancellationToken);
}
