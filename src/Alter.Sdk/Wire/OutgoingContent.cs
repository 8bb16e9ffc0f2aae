using System.Net;
using System.Net.Http.Json;

namespace Alter.Sdk;

/// <summary>
/// The caller's content on its way to the vault: leaves the original untouched and undisposed, so that it can be sent again, and knows how far it got.
/// </summary>
internal sealed class OutgoingContent : HttpContent
{
    // The Functions host buffers bodies of known length before the vault sees them, and the platform caps them; chunked ones stream.
    internal const long LargestBuffered = 1024 * 1024;

    private readonly HttpContent original;
    private readonly Action<bool> sending;
    private volatile bool hasStarted; // Set where the body is sent, read where the answer arrives.

    /// <param name="original">The caller's content.</param>
    /// <param name="chunked">What the caller asked for; null: chunked unless small and of known length.</param>
    /// <param name="sending">Told true when the body begins to be sent, false when it is.</param>
    internal OutgoingContent(HttpContent original, bool? chunked, Action<bool> sending)
    {
        this.original = original;
        this.sending = sending;
        IsChunked = chunked ?? original.Headers.ContentLength is null or > LargestBuffered;
        foreach (var (name, values) in original.Headers.NonValidated)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }
    }

    /// <summary>Whether it travels without a length.</summary>
    internal bool IsChunked { get; }

    /// <summary>Whether nothing of it has left yet, or its bytes can be produced again.</summary>
    internal bool CanBeSentAgain => !hasStarted || IsRepeatable(original);

    /// <summary>Whether reading it twice gives the same bytes.</summary>
    internal static bool IsRepeatable(HttpContent content) => content switch
    {
        ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        MultipartContent parts => parts.All(IsRepeatable),
        _ => false,
    };

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        hasStarted = true;
        sending(true);
        await original.CopyToAsync(stream, context, cancellationToken).ConfigureAwait(false);
        sending(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = IsChunked ? 0 : original.Headers.ContentLength ?? 0;
        return !IsChunked && original.Headers.ContentLength is not null;
    }
}
