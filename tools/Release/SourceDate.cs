using System.Globalization;

namespace Alter.Release;

/// <summary>When the source was committed, for whatever has to carry a time: the hour of the build would make every build another.</summary>
internal static class SourceDate
{
    // https://reproducible-builds.org/specs/source-date-epoch/
    private const string Variable = "SOURCE_DATE_EPOCH";

    /// <summary>In seconds since 1970; null: the variable is not set.</summary>
    internal static DateTimeOffset? Read() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } seconds
        ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds, CultureInfo.InvariantCulture))
        : null;
}
