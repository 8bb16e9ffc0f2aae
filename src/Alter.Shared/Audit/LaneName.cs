using System.Globalization;
using System.Security.Cryptography;
using Alter.Storage;

namespace Alter.Audit;

/// <summary>
/// The name of a lane: <c>{when its writer began, 19 digits}-{random}.{number}</c>. Names sort by time, so that new lanes are found without looking at old
/// ones, and tell which month's table they lie in.
/// </summary>
internal static class LaneName
{
    internal static string New(DateTimeOffset start, int number) => $"{RowKeys.Ticks(start)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}.{number}";

    /// <summary>Sorts before every lane that begins at the instant or later.</summary>
    internal static string From(DateTimeOffset instant) => RowKeys.Ticks(instant);

    /// <summary>When the lane began; null where the name is not one of ours.</summary>
    internal static DateTimeOffset? StartOf(string lane) =>
        lane.Length > 20 && lane[19] is '-' && long.TryParse(lane.AsSpan(0, 19), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : null;
}
