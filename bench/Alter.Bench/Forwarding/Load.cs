using System.Net;

namespace Alter.Bench.Forwarding;

/// <summary>What callers saw of one instance of a way for a while.</summary>
/// <param name="Took">Of each call that got the whole answer, from the send to the last byte.</param>
/// <param name="Bytes">Of bodies, also of answers that were cut off.</param>
/// <param name="Elapsed">From the first send to the end of the last call.</param>
/// <param name="Failed">Calls that got another answer, or none.</param>
/// <param name="Fault">What the first of them got; empty where none failed.</param>
internal sealed record LoadResult(IReadOnlyList<TimeSpan> Took, long Bytes, TimeSpan Elapsed, int Failed, string Fault)
{
    /// <summary>Bytes a second.</summary>
    public double Throughput => Bytes / Elapsed.TotalSeconds;
}

/// <summary>Callers with one connection and one call at a time each.</summary>
internal static class Load
{
    private const int BufferLength = 64 * 1024;

    /// <summary>Calls one instance for a while. A call that has begun is waited for; only a long answer among many is cut off when the time is over.</summary>
    public static async Task<LoadResult> RunAsync(Instance instance, ForwardedAnswer answer, int connections, TimeSpan time, CancellationToken cancellationToken)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        if (answer.IsLong && connections > 1)
        {
            cut.CancelAfter(time);
        }

        var parts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => CallAsync(instance, answer, started, time, cut.Token)));
        cancellationToken.ThrowIfCancellationRequested();
        return new LoadResult(
            [.. parts.SelectMany(part => part.Took)],
            parts.Sum(part => part.Bytes),
            TimeProvider.System.GetElapsedTime(started),
            parts.Sum(part => part.Failed),
            parts.FirstOrDefault(part => part.Failed > 0)?.Fault ?? "");
    }

    private static async Task<Part> CallAsync(Instance instance, ForwardedAnswer answer, long started, TimeSpan time, CancellationToken cut)
    {
        var (part, buffer) = (new Part(), new byte[BufferLength]);
        do
        {
            var (began, before) = (TimeProvider.System.GetTimestamp(), part.Bytes);
            try
            {
                using var request = instance.Request(answer);
                using var response = await instance.Client.SendAsync(request, cut);
                await using var body = await response.Content.ReadAsStreamAsync(cut);
                for (int read; (read = await body.ReadAsync(buffer, cut)) > 0;)
                {
                    part.Bytes += read;
                }

                if (response.StatusCode is HttpStatusCode.OK && part.Bytes - before == answer.Bytes)
                {
                    part.Took.Add(TimeProvider.System.GetElapsedTime(began));
                }
                else
                {
                    part.Fail($"{(int)response.StatusCode}, {part.Bytes - before} bytes {(response.Headers.TryGetValues("X-Alter-Error", out var codes) ? string.Join(' ', codes) : "")}");
                }
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
            {
                if (cut.IsCancellationRequested)
                {
                    return part;
                }

                part.Fail(e.Message);
            }
        }
        while (TimeProvider.System.GetElapsedTime(started) < time);
        return part;
    }

    private sealed class Part
    {
        public List<TimeSpan> Took { get; } = [];

        public long Bytes { get; set; }

        public int Failed { get; private set; }

        public string Fault { get; private set; } = "";

        public void Fail(string fault) => (Failed, Fault) = (Failed + 1, Fault.Length > 0 ? Fault : fault);
    }
}
