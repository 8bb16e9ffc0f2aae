using Alter.Forwarding;

namespace Alter.Cli.Smoke;

/// <summary>The vault as anybody sees it from outside: no redirect is followed, no cookie kept.</summary>
internal sealed class SmokedVault(Uri origin) : IDisposable
{
    // The platform gives an answer 230 seconds to begin.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(240);

    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    public Uri Origin => origin;

    /// <summary>Sends a request to a path, and reads the beginning of what comes back.</summary>
    /// <exception cref="HttpRequestException">Nothing came back.</exception>
    public async Task<SmokeAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return new SmokeAnswer(
                (int)response.StatusCode,
                response.Headers.Contains(ResponseHeaders.RequestId),
                response.Headers.TryGetValues(ResponseHeaders.Error, out var codes) ? codes.First() : null,
                response.Headers.Location,
                [.. response.Headers.Select(header => header.Key)],
                await BeginningAsync(response, deadline.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(e is IOException ? e.Message : $"No answer in {Deadline.TotalSeconds:0} s.", e);
        }
    }

    public Task<SmokeAnswer> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(origin, path)), cancellationToken);

    /// <summary>The running answer; the caller reads and disposes of it.</summary>
    public Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public void Dispose() => client.Dispose();

    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[64 * 1024];
        var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, read);
    }
}

/// <summary>An answer, whoever gave it.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="IsVaults">It came through the vault; otherwise the platform in front of it answered.</param>
/// <param name="Code">The vault's error code.</param>
/// <param name="Location">Where it leads to.</param>
/// <param name="Headers">The names of its headers.</param>
/// <param name="Body">Its first 64 KiB as text.</param>
internal sealed record SmokeAnswer(int Status, bool IsVaults, string? Code, Uri? Location, IReadOnlyList<string> Headers, string Body)
{
    public override string ToString() => $"{Status} {(IsVaults ? Code is null ? "of the vault" : Shown.Text(Code) : "of the platform, not of the vault")}";
}
