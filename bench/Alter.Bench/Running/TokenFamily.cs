using Alter.Providers;

namespace Alter.Bench.Running;

/// <summary>A request that presented a refresh token.</summary>
/// <param name="ArrivedAt">When it came.</param>
public sealed record Presentation(DateTimeOffset ArrivedAt)
{
    /// <summary>When the connection it came on was closed; null while it stands. A worker that dies closes all of its own.</summary>
    public DateTimeOffset? ClosedAt { get; set; }
}

/// <summary>The tokens that came of one consent, and every time one was presented.</summary>
/// <param name="account">Whose they are.</param>
public sealed class TokenFamily(string account)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> spent = [];
    private readonly List<Presentation> presented = [];

    /// <summary>Whose they are.</summary>
    public string Account => account;

    /// <summary>True: a spent token was presented, so nobody keeps anything (RFC 9700 §4.14.2).</summary>
    public bool IsRevoked { get; private set; }

    /// <summary>Whether any request arrived with a refresh token of it.</summary>
    public bool HasArrived { get; private set; }

    /// <summary>Requests that presented a refresh token, in the order of redemption.</summary>
    public IReadOnlyList<Presentation> Presented
    {
        get
        {
            lock (gate)
            {
                return [.. presented];
            }
        }
    }

    internal void Arrive() => HasArrived = true;

    internal bool Accepts(string refreshToken, RotationKind rotation, TimeSpan grace)
    {
        lock (gate)
        {
            return Accepts(refreshToken, rotation, grace, TimeProvider.System.GetUtcNow());
        }
    }

    internal bool TryRedeem(string refreshToken, Presentation presentation, RotationKind rotation, TimeSpan grace)
    {
        lock (gate)
        {
            var now = TimeProvider.System.GetUtcNow();
            presented.Add(presentation);
            if (!Accepts(refreshToken, rotation, grace, now))
            {
                IsRevoked = true;
                return false;
            }

            spent.TryAdd(refreshToken, now);
            return true;
        }
    }

    private bool Accepts(string refreshToken, RotationKind rotation, TimeSpan grace, DateTimeOffset now) =>
        !IsRevoked && (rotation is RotationKind.None || !spent.TryGetValue(refreshToken, out var at) || (rotation is RotationKind.Grace && now - at <= grace));
}
