namespace Alter.Refresh;

/// <summary>When tokens are renewed.</summary>
public static class RefreshSchedule
{
    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AheadOfExpiry = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ConfigurationDelay = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestBrakedDelay = TimeSpan.FromHours(1);

    /// <summary>How long before expiry a refresh that was cut off is repeated at a provider that may take a spent token for a stolen one.</summary>
    public static readonly TimeSpan SuspectMargin = TimeSpan.FromSeconds(60);

    /// <summary>A provider that refuses a token that seems good has it refreshed no more often: one that refuses every token would rotate them for ever.</summary>
    public static readonly TimeSpan BetweenForced = TimeSpan.FromMinutes(5);

    /// <summary>Whether a token may still be used as it is: 30 seconds are left, or a third of its life where that is less.</summary>
    /// <param name="expiresAt">Null: the provider never said, so the token is used until it fails.</param>
    /// <param name="lifetime">The token's whole life, where known.</param>
    /// <param name="now">The instant of use.</param>
    public static bool IsFresh(DateTimeOffset? expiresAt, TimeSpan? lifetime, DateTimeOffset now)
    {
        var third = (lifetime ?? TimeSpan.MaxValue) / 3;
        var margin = third < LongestMargin ? third : LongestMargin;
        return expiresAt is null || expiresAt > now + margin;
    }

    /// <summary>
    /// When the timer renews a token that was issued now: five minutes or a tenth of its life before it ends, whichever is more, never before half of it,
    /// and spread by ± 10 % so that grants made together are not due together.
    /// </summary>
    public static DateTimeOffset AheadOf(TimeSpan lifetime, DateTimeOffset now)
    {
        var tenth = lifetime / 10;
        var planned = lifetime - (tenth > AheadOfExpiry ? tenth : AheadOfExpiry);
        var half = lifetime / 2;
        return now + ((planned > half ? planned : half) * (0.9 + (0.2 * Random.Shared.NextDouble())));
    }

    /// <summary>
    /// How long to leave a provider alone after a failure: doubling from 5 seconds, ± 20 %, at least what it asks for itself (and up to a tenth more, so that
    /// not all come back at once), never more than 15 minutes.
    /// </summary>
    public static TimeSpan Backoff(int fails, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        if (refusal is Providers.ConnectConfig)
        {
            return ConfigurationDelay; // A person has to act: asking more often helps nobody.
        }

        var doubled = TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << Math.Clamp(fails, 0, 12))) * (0.8 + (0.4 * Random.Shared.NextDouble()));
        // Capped first: a provider may ask for centuries.
        var asked = Shorter(refusal.RetryAfter ?? TimeSpan.Zero, LongestDelay) * (1 + (0.1 * Random.Shared.NextDouble()));
        return Shorter(asked > doubled ? asked : doubled, LongestDelay);

        static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
    }

    /// <summary>
    /// How long to leave a provider alone that refuses too many refresh tokens to be believed: doubling from 5 minutes to an hour, ± 20 %. The grants that are
    /// really over come ever more rarely, so that they do not hold the brake by themselves.
    /// </summary>
    public static TimeSpan BackoffWhileBraked(int fails)
    {
        var doubled = ConfigurationDelay * Math.Pow(2, Math.Clamp(fails, 0, 4));
        return (doubled < LongestBrakedDelay ? doubled : LongestBrakedDelay) * (0.8 + (0.4 * Random.Shared.NextDouble()));
    }

    /// <summary>When a refresh token that lapses unused is used for its own sake: after four fifths of that time, spread by ± 10 %.</summary>
    public static DateTimeOffset KeepAliveAt(TimeSpan idleLifetime, DateTimeOffset now) => now + (idleLifetime * (0.72 + (0.16 * Random.Shared.NextDouble())));

    /// <summary>When a grant with a refresh token is looked at next: ahead of its access token's end, before its refresh token lapses unused, or at its own end.</summary>
    /// <param name="lifetime">The access token's life; null where the provider did not say.</param>
    /// <param name="idleLifetime">How long the provider keeps a refresh token that nobody uses; null: as long as it is not revoked.</param>
    /// <param name="expiresAt">The grant's own end.</param>
    /// <param name="now">When the tokens were issued.</param>
    public static DateTimeOffset? NextDue(TimeSpan? lifetime, TimeSpan? idleLifetime, DateTimeOffset? expiresAt, DateTimeOffset now) => new[]
    {
        lifetime is { } life ? AheadOf(life, now) : null,
        idleLifetime is { } idle ? KeepAliveAt(idle, now) : null,
        expiresAt,
    }.Min();
}
