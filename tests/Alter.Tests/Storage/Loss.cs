using System.Collections.Concurrent;
using Alter.Testing;
using Azure.Core;

namespace Alter.Tests.Storage;

/// <summary>One request of a path that never arrives, or whose answer does not. What runs side by side has no order, so it is known by what it asks.</summary>
/// <param name="What">Method and table or queue: <c>PUT grants</c>.</param>
/// <param name="Nth">Which of those of the same name, from 1.</param>
/// <param name="IsOfAnswer">True: storage does what was asked first.</param>
internal sealed record Loss(string What, int Nth, bool IsOfAnswer)
{
    /// <summary>Every loss a path can meet: of each request, and of each answer. A read whose answer is lost is a read that never was.</summary>
    public static IEnumerable<Loss> Each(IEnumerable<string> asked) => asked
        .CountBy(what => what)
        .SelectMany(same => Enumerable.Range(1, same.Value).Select(nth => new Loss(same.Key, nth, IsOfAnswer: true)))
        .SelectMany(loss => loss.IsOfRead ? new[] { loss } : [loss with { IsOfAnswer = false }, loss]);

    /// <summary>Whether the request changes nothing.</summary>
    public bool IsOfRead => What.StartsWith("GET ", StringComparison.Ordinal);

    public override string ToString() => $"{(IsOfAnswer ? "answer to" : "request")} {What} ({Nth})";
}

/// <summary>Loses one request on a network, once; without a loss it only writes down what is asked.</summary>
internal sealed class LossyNetwork
{
    private readonly ConcurrentQueue<string> asked = new();
    private readonly ConcurrentDictionary<string, int> counts = new();
    private readonly Loss? loss;
    private Request? unanswered;
    private int losses;

    public LossyNetwork(FakeNetwork network, Loss? loss)
    {
        this.loss = loss;
        network.LosesRequest = Loses;
        network.LosesAnswer = request => ReferenceEquals(Interlocked.CompareExchange(ref unanswered, null, request), request);
    }

    /// <summary>Every request, retries included.</summary>
    public IReadOnlyCollection<string> Asked => asked;

    /// <summary>Whether the loss was met.</summary>
    public bool HasLost => losses > 0;

    private bool Loses(Request request)
    {
        var what = NameOf(request);
        asked.Enqueue(what);
        if (counts.AddOrUpdate(what, 1, (_, count) => count + 1) != loss?.Nth || what != loss.What)
        {
            return false;
        }

        Interlocked.Increment(ref losses);
        if (loss.IsOfAnswer)
        {
            unanswered = request;
        }

        return !loss.IsOfAnswer;
    }

    private static string NameOf(Request request) => $"{request.Method} {request.Uri.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(1).First().Split('(')[0]}";
}
