using System.Net;
using System.Net.Sockets;

namespace Alter.Start;

/// <summary>Waits for children to answer, no longer than they live.</summary>
internal sealed class Readiness(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(10) };

    public void Dispose() => http.Dispose();

    /// <summary>Until a GET answers 200.</summary>
    public Task UntilAnswersAsync(Child child, Uri url, CancellationToken cancellationToken) =>
        UntilAsync(child, url.AbsoluteUri, token => AskAsync(url, token), cancellationToken);

    /// <summary>Until a connection is taken.</summary>
    public Task UntilListeningAsync(Child child, int port, CancellationToken cancellationToken) =>
        UntilAsync(child, $"port {port}", token => ConnectAsync(port, token), cancellationToken);

    private async Task UntilAsync(Child child, string what, Func<CancellationToken, Task<string?>> ask, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (await ask(cancellationToken) is { } problem)
        {
            if (child.Exited.IsCompleted)
            {
                throw new StartFailure($"{child.Name} ended with exit code {child.ExitCode} before it was ready.{Tail(child)}");
            }

            if (time.GetElapsedTime(started) > Limit)
            {
                throw new StartFailure($"{child.Name} is not ready after {Limit.TotalSeconds:0} s; {what} says: {problem}{Tail(child)}");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static string Tail(Child child) =>
        string.Concat(child.Latest.Select(line => $"{Environment.NewLine}  {child.Name} │ {line}"));

    private async Task<string?> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(url, cancellationToken);
            return answer.StatusCode is HttpStatusCode.OK ? null : $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}";
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return e.Message; // Not yet.
        }
    }

    private static async Task<string?> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }
}
