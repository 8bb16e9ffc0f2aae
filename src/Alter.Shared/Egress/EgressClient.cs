namespace Alter.Egress;

/// <summary>Makes the vault's own calls: guarded, bounded, sent once.</summary>
/// <remarks>A GET may reach the other side again when a kept connection breaks; a POST never does.</remarks>
public sealed class EgressClient(EgressHandlers handlers, TimeProvider time)
{
    /// <summary>Largest answer where a call names no limit.</summary>
    public const int MaxAnswerBytes = 256 * 1024;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Sends once, without retries or redirects; the whole answer is at most <see cref="MaxAnswerBytes"/> long.</summary>
    /// <param name="request">Absolute https URL.</param>
    /// <param name="scope">Where it may lead.</param>
    /// <param name="timeout">For the whole answer; null: 20 seconds.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="EgressException">No usable answer.</exception>
    public Task<EgressAnswer> SendAsync(HttpRequestMessage request, EgressScope scope, TimeSpan? timeout, CancellationToken cancellationToken) =>
        SendAsync(request, scope, timeout, MaxAnswerBytes, cancellationToken);

    /// <summary>The same with another limit for the answer, in bytes.</summary>
    /// <exception cref="EgressException">No usable answer.</exception>
    public async Task<EgressAnswer> SendAsync(
        HttpRequestMessage request, EgressScope scope, TimeSpan? timeout, int maxAnswerBytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var host = request.RequestUri is { IsAbsoluteUri: true } uri ? uri.IdnHost : "";
        using var span = OutgoingSpan.Start(request.Method.Method, request.RequestUri);
        using var deadline = new CancellationTokenSource(timeout ?? DefaultTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await handlers.ForVault(scope).SendAsync(request, either.Token);
            OutgoingSpan.Answered(span, (int)response.StatusCode);
            var body = await ReadAsync(response.Content, maxAnswerBytes, host, either.Token);
            return new EgressAnswer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, RetryAfter(response), body);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var failure = EgressException.From(e, host);
            OutgoingSpan.Failed(span, failure.Fault.ToString());
            throw failure;
        }
        catch (EgressException e)
        {
            OutgoingSpan.Failed(span, e.Fault.ToString());
            throw;
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, int limit, string host, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 * 1024];
        // The length announced is only a promise, so the bytes are counted; a promise over the limit is believed at once.
        for (var announced = content.Headers.ContentLength ?? 0; announced <= limit && body.Length <= limit;)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return body.ToArray();
            }

            body.Write(buffer, 0, read);
        }

        throw new EgressException(EgressFault.TooLarge, $"The answer of {host} is larger than {limit} bytes.");
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var value = response.Headers.RetryAfter; // RFC 9110 §10.2.3: seconds or a date
        var wait = value?.Delta ?? value?.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
