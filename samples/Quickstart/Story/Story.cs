using System.Diagnostics;

namespace Quickstart.Story;

/// <summary>
/// The whole of the product in one go, over HTTP alone: Ada signs in, connects two accounts, calls, outlives a token, is denied something, revokes; others try and fail.
/// Each step builds on the one before, so the first that does not hold is the last that is played.
/// </summary>
public sealed class Story(StoryPlace place, TimeProvider time)
{
    /// <summary>How many steps there are.</summary>
    public const int Length = 31;

    /// <summary>Plays it.</summary>
    /// <returns>The steps as they end; fewer than <see cref="Length"/> where one did not hold.</returns>
    public async IAsyncEnumerable<StepResult> PlayAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var witness = new Witness(place, new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
        using var http = new HttpClient(witness) { Timeout = TimeSpan.FromSeconds(30) };
        foreach (var (title, play) in new Scenes(http, place, time, witness).InOrder)
        {
            var result = await PlayAsync(title, play, cancellationToken);
            yield return result;
            if (!result.Held)
            {
                yield break;
            }
        }
    }

    private static async Task<StepResult> PlayAsync(string title, Func<CancellationToken, Task> play, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            await play(cancellationToken);
            return new StepResult(title, clock.Elapsed, null);
        }
        catch (Exception e) when (e is StoryFault or HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new StepResult(title, clock.Elapsed, e is StoryFault ? e.Message : $"expected an answer, received none: {e.Message}");
        }
    }
}
