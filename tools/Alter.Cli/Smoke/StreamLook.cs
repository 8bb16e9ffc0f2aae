using System.Diagnostics;
using Alter.Cli.Check;
using Alter.Forwarding;

namespace Alter.Cli.Smoke;

/// <summary>How long a streamed answer lives: the platform's documentation speaks of 230 seconds until an answer, and of none for one that keeps sending.</summary>
internal sealed class StreamLook(SmokedVault vault)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6);

    public async Task RunAsync(HttpRequestMessage request, Report report, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Longest);
        var begun = Stopwatch.GetTimestamp();
        long bytes = 0;
        var silence = TimeSpan.Zero;
        var end = "it ended by itself";
        try
        {
            using var response = await vault.OpenAsync(request, deadline.Token);
            if (!response.IsSuccessStatusCode || !response.Headers.Contains(ResponseHeaders.RequestId))
            {
                report.Noted($"Long stream: the call was answered with {(int)response.StatusCode}");
                return;
            }

            var buffer = new byte[64 * 1024];
            await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            for (var heard = Stopwatch.GetTimestamp(); ;)
            {
                var read = await body.ReadAsync(buffer, deadline.Token);
                silence = TimeSpan.FromTicks(Math.Max(silence.Ticks, Stopwatch.GetElapsedTime(heard).Ticks));
                heard = Stopwatch.GetTimestamp();
                if (read == 0)
                {
                    break;
                }

                bytes += read;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            end = "it still ran when this test stopped";
        }
        catch (IOException)
        {
            end = "it was cut off";
        }
        finally
        {
            request.Dispose();
        }

        report.Noted($"Long stream: {bytes:N0} bytes in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0} s, longest silence {silence.TotalSeconds:0} s; {end}");
    }
}
