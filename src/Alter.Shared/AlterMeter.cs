using System.Diagnostics.Metrics;

namespace Alter;

/// <summary>The one meter, <c>Alter</c>. Tags are ids of the document and fixed words, never a user, account or token.</summary>
public static class AlterMeter
{
    public const string Name = "Alter";

    /// <summary>Stands where a tag has no value: the app of a key nobody knows, the provider of a grant that was not found. No id can be it.</summary>
    internal const string Nothing = "-";

    internal static Meter Instance { get; } = new(Name);
}
