using System.Globalization;

namespace Alter.Policies;

/// <summary>Allows so many calls in each window of time. Windows are aligned to the epoch: twice the limit can fall in a stretch that straddles two.</summary>
/// <param name="Name">The operator's name for it.</param>
/// <param name="Per">What is counted together.</param>
/// <param name="Limit">Calls in a window.</param>
/// <param name="Window">Whole seconds.</param>
public sealed record RatePolicy(string Name, RatePer Per, int Limit, TimeSpan Window)
{
    /// <summary>Its kind, as the document spells it.</summary>
    public const string Kind = "rate";

    /// <summary>The rule as configured.</summary>
    public string Rule => string.Create(CultureInfo.InvariantCulture, $"{Limit} in {Window.TotalSeconds:0} s per {Per.ToWire()}");

    /// <summary>The beginning of the window an instant lies in.</summary>
    public DateTimeOffset WindowAt(DateTimeOffset at)
    {
        var sinceEpoch = (at - DateTimeOffset.UnixEpoch).Ticks;
        var past = ((sinceEpoch % Window.Ticks) + Window.Ticks) % Window.Ticks;
        return at.ToUniversalTime().AddTicks(-past);
    }

    /// <summary>What is said of a call beyond the limit.</summary>
    public Denial DenialAt(DateTimeOffset at) => new($"More than {Rule} are not allowed.", WindowAt(at) + Window - at);
}

/// <summary>What a rate counts together.</summary>
public enum RatePer
{
    /// <summary>One grant, however it was addressed.</summary>
    Grant,

    /// <summary>All grants of one owner.</summary>
    User,

    /// <summary>The whole app.</summary>
    App,

    /// <summary>One app key.</summary>
    Key,
}

/// <summary>How a <see cref="RatePer"/> is spelled.</summary>
internal static class RatePerNames
{
    internal static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<RatePer>().Select(ToWire)];

    internal static string ToWire(this RatePer per) => per switch
    {
        RatePer.Grant => "grant",
        RatePer.User => "user",
        RatePer.App => "app",
        _ => "key",
    };
}
