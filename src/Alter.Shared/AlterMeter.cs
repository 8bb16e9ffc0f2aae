using System.Diagnostics.Metrics;

namespace Alter;

/// <summary>The one meter, <c>Alter</c>. Tags are ids of the document and fixed words, never a user, account or token.</summary>
public static class AlterMeter
{
    public const string Name = "Alter";

    internal static Meter Instance { get; } = new(Name);
}
