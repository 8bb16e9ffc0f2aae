namespace Alter.Refresh;

/// <summary>The times of a refresh; they hang together.</summary>
/// <param name="LeaseLifetime">How long one refresher keeps the others away. Shorter than the ten minutes a crashed host hides a message.</param>
public sealed record RefreshOptions(TimeSpan LeaseLifetime)
{
    /// <summary>45 seconds.</summary>
    public static RefreshOptions Default { get; } = new(TimeSpan.FromSeconds(45));

    /// <summary>The whole time a redemption may take: 20 of 45 seconds.</summary>
    public TimeSpan Budget => LeaseLifetime * 4 / 9;

    /// <summary>A redemption begins only with this much of the lease left: more than its budget, so that it ends inside the lease.</summary>
    public TimeSpan NeededAtStart => LeaseLifetime * 5 / 9;
}
