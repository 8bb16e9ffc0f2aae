using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Quickstart.Calendar.Demo;

/// <summary>How the token endpoint misbehaves. Members left out misbehave not at all.</summary>
public sealed record Misbehaviour
{
    /// <summary>Waits this long before anything is redeemed.</summary>
    public double TokenDelaySeconds { get; init; }

    /// <summary>Waits this long after redeeming, before the answer: the window in which a client's crash loses a rotated token.</summary>
    public double TokenAnswerDelaySeconds { get; init; }

    /// <summary>Answers this instead of redeeming.</summary>
    public Failure? FailTokenWith { get; init; }

    /// <summary>How many requests <see cref="FailTokenWith"/> and <see cref="LoseTokenAnswers"/> hit; null: all.</summary>
    public int? Times { get; init; }

    /// <summary>Redeems, then cuts the connection instead of answering.</summary>
    public bool LoseTokenAnswers { get; init; }

    /// <param name="Status">An HTTP status.</param>
    /// <param name="Error">An error code of RFC 6749 §5.2; null: a body that is no JSON.</param>
    public sealed record Failure(int Status, string? Error);
}

/// <summary>What the token and revocation endpoints were asked.</summary>
/// <param name="TokenRequests">All, failed ones included.</param>
/// <param name="Refreshes">Refresh tokens redeemed.</param>
/// <param name="RefreshReuses">Refresh tokens presented to the server once more.</param>
/// <param name="Revocations">Revocation requests answered 200.</param>
public sealed record Statistics(int TokenRequests, int Refreshes, int RefreshReuses, int Revocations);

/// <summary>Controls and counters of one server.</summary>
internal sealed class DemoState
{
    private readonly ConcurrentDictionary<string, bool> _presented = new();
    private readonly ConcurrentQueue<string> _issued = new();
    private int _tokenRequests, _refreshes, _refreshReuses, _revocations, _left;

    public Misbehaviour Current { get; private set; } = new();

    public Statistics Counted => new(_tokenRequests, _refreshes, _refreshReuses, _revocations);

    public void Set(Misbehaviour misbehaviour)
    {
        Interlocked.Exchange(ref _left, misbehaviour.Times ?? int.MaxValue);
        Current = misbehaviour;
    }

    /// <summary>True for the first <see cref="Misbehaviour.Times"/> calls.</summary>
    public bool Strikes() => Interlocked.Decrement(ref _left) >= 0;

    public void CountTokenRequest() => Interlocked.Increment(ref _tokenRequests);

    public void CountRefresh() => Interlocked.Increment(ref _refreshes);

    public void CountRevocation() => Interlocked.Increment(ref _revocations);

    /// <summary>Remembers a refresh token by its digest and counts it if it came before, in flight or done.</summary>
    public void CountPresentation(string refreshToken)
    {
        if (!_presented.TryAdd(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(refreshToken))), true))
        {
            Interlocked.Increment(ref _refreshReuses);
        }
    }

    /// <summary>Every token issued so far: a test looks for them where none may be.</summary>
    public IReadOnlyCollection<string> Issued => _issued;

    public void NoteIssued(ReadOnlySpan<byte> tokenAnswer)
    {
        var answer = JsonNode.Parse(tokenAnswer)!.AsObject();
        foreach (var name in (string[])["access_token", "refresh_token", "id_token"])
        {
            if ((string?)answer[name] is { } token)
            {
                _issued.Enqueue(token);
            }
        }
    }

    public void ResetCounters() => _tokenRequests = _refreshes = _refreshReuses = _revocations = 0;
}
