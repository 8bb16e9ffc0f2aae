using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Alter.Forwarding;

/// <summary>The response's body with its bytes counted; everything else goes to the server's own.</summary>
internal sealed class CountedResponse(IHttpResponseBodyFeature inner) : IHttpResponseBodyFeature, IDisposable
{
    private readonly CountedStream counted = new(inner.Stream);

    /// <summary>Bytes sent so far.</summary>
    internal long Count => counted.Count;

    public Stream Stream => counted;

    public PipeWriter Writer => inner.Writer;

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => inner.SendFileAsync(path, offset, count, cancellationToken);

    public Task CompleteAsync() => inner.CompleteAsync();

    /// <summary>The server's own stays open.</summary>
    public void Dispose() => counted.Dispose();
}
