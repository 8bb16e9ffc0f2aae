namespace Alter.Bench;

/// <summary>Percentiles of durations, nearest rank.</summary>
public sealed class Percentiles(IEnumerable<TimeSpan> durations)
{
    private readonly TimeSpan[] ordered = [.. durations.Order()];

    /// <summary>The duration that this share of all does not exceed.</summary>
    /// <param name="percent">1 to 100.</param>
    public TimeSpan this[int percent] => ordered.Length is 0 ? TimeSpan.Zero : ordered[Math.Max(0, (int)Math.Ceiling(ordered.Length * percent / 100.0) - 1)];

    /// <summary>How many times as long as another's same percentile.</summary>
    /// <param name="other">What is compared with.</param>
    /// <param name="percent">1 to 100.</param>
    /// <param name="without">A time that is nobody's merit or fault, such as the provider's.</param>
    public double Over(Percentiles other, int percent, TimeSpan without = default)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Math.Round((this[percent] - without) / other[percent], 2);
    }
}
