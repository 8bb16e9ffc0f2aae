using Alter.Providers;

namespace Alter.Bench.Running;

/// <summary>The tokens that came of one consent, and every time one was presented.</summary>
public sealed class TokenFamily
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> spent = [];
    private readonly List<DateTimeOffset> presented = [];

    /// <summary>True: a spent token was presented, so nobody keeps anything (RFC 9700 §4.14.2).</summary>
    public bool IsRevoked { get; private set; }

    /// <summary>When requests that presented a refresh token arrived, in the order of redemption.</summary>
    public IReadOnlyList<DateTimeOffset> Presented
    {
        get
        {
            lock (gate)
            {
                return [.. presented];
            }
        }
    }

    internal bool Accepts(string refreshToken, RotationKind rotation, TimeSpan grace)
    {
        lock (gate)
        {
            return Accepts(refreshToken, rotation, grace, TimeProvider.System.GetUtcNow());
        }
    }

    internal bool TryRedeem(string refreshToken, DateTimeOffset arrivedAt, RotationKind rotation, TimeSpan grace)
    {
        lock (gate)
        {
            var now = TimeProvider.System.GetUtcNow();
            presented.Add(arrivedAt);
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
