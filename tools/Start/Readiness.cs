using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

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

    /// <summary>Until the vault serves: it is ready, or lacks nothing but client secrets, without which only their providers cannot be connected.</summary>
    /// <returns>What it says of each secret that is missing.</returns>
    /// <exception cref="StartFailure">It cannot come true: the document has mistakes.</exception>
    public async Task<IReadOnlyList<string>> UntilServesAsync(Child vault, Uri ready, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> missing = [];
        await UntilAsync(vault, ready.AbsoluteUri, LookAsync, cancellationToken);
        return missing;

        async Task<string?> LookAsync(CancellationToken token)
        {
            var answer = await AskAsync(ready, token);
            var problems = ProblemsOf(answer).ToLookup(problem => problem.Component, problem => problem.Reason);
            if (problems.Contains("configuration"))
            {
                throw new StartFailure($"The vault cannot use its document:{string.Concat(problems["configuration"].Select(reason => $"{Environment.NewLine}  {reason}"))}");
            }

            missing = [.. problems["secrets"]];
            return missing.Count > 0 && problems.Count == 1 ? null : answer;
        }
    }

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

    // None where it is not an answer of the vault.
    private static IReadOnlyList<(string Component, string Reason)> ProblemsOf(string? answer)
    {
        var at = answer?.IndexOf('{', StringComparison.Ordinal) ?? -1;
        if (at < 0)
        {
            return [];
        }

        try
        {
            return [.. (JsonNode.Parse(answer![at..])?["problems"]?.AsArray() ?? []).Select(problem => ($"{problem?["component"]}", $"{problem?["reason"]}"))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
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
