using Alter.Providers;

namespace Alter.Refresh;

/// <summary>The times of a refresh; they hang together.</summary>
/// <param name="LeaseLifetime">How long one refresher keeps the others away. Shorter than the ten minutes a crashed host hides a message.</param>
public sealed record RefreshOptions(TimeSpan LeaseLifetime)
{
    /// <summary>45 seconds.</summary>
    public static RefreshOptions Default { get; } = new(TimeSpan.FromSeconds(45));

    /// <summary>
    /// Whether a refresh that was cut off can be repeated while the provider still accepts the spent refresh token: half of that while, at least a third of
    /// the usual lease (15 seconds), is then the lease. Less would leave the token endpoint too little time to answer.
    /// </summary>
    public bool CanRepeat(ProviderDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return definition.Rotation is RotationKind.Grace && definition.RotationGrace / 2 >= LeaseLifetime / 3;
    }

    /// <summary>The times for one provider: a lease that ends early enough for <see cref="CanRepeat"/>, else the usual one.</summary>
    public RefreshOptions For(ProviderDefinition definition) =>
        CanRepeat(definition) && definition.RotationGrace / 2 < LeaseLifetime ? new RefreshOptions(definition.RotationGrace / 2) : this;

    /// <summary>The whole time a redemption may take: 20 of 45 seconds.</summary>
    public TimeSpan Budget => LeaseLifetime * 4 / 9;

    /// <summary>A redemption begins only with this much of the lease left: more than its budget, so that it ends inside the lease.</summary>
    public TimeSpan NeededAtStart => LeaseLifetime * 5 / 9;
}
