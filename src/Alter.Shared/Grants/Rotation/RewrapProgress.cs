using Alter.Keys;

namespace Alter.Grants;

/// <summary>How far the rows of table <c>grants</c> have come to the current version of the key-encryption key.</summary>
/// <param name="Version">The current version.</param>
/// <param name="FirstSeenAt">When a walker first saw it.</param>
/// <param name="Running">The walk under way; null between walks.</param>
/// <param name="Last">The last walk that came to its end, perhaps toward an older version.</param>
public sealed record RewrapProgress(string Version, DateTimeOffset FirstSeenAt, RewrapPass? Running, RewrapPass? Last)
{
    /// <summary>
    /// From then on no instance that reaches the source of keys writes under an older version any more: a key is cached for five minutes, a refresh keeps
    /// trying to store under the one it began with for five more, and the rows of Connect sessions begun under it are gone after ten.
    /// </summary>
    public static readonly TimeSpan SettleTime = KeyRing.Lifetime * 3;

    private static readonly TimeSpan BetweenWalks = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RestBetweenWalks = TimeSpan.FromDays(1);
    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(2);

    /// <summary>Whether there is anything to walk for.</summary>
    public bool IsDue(DateTimeOffset at) => Running is not null || at >= NextAt;

    /// <summary>
    /// When the next walk begins; only between walks. The first waits until every instance has the new key in memory: should its source stop answering then,
    /// no instance meets a row that it cannot open.
    /// </summary>
    public DateTimeOffset NextAt =>
        Last is null || Last.Version != Version ? FirstSeenAt + KeyRing.Lifetime
        : !IsSettled(Last) ? SettlesAt
        : Last.Rows.Any(rows => rows.Key != Version && rows.Value.Movable > 0) ? Last.FinishedAt!.Value + BetweenWalks
        : Last.StartedAt + RestBetweenWalks;

    /// <summary>A walk that begins before this may have been followed by rows of an instance that did not know the version yet.</summary>
    public DateTimeOffset SettlesAt => FirstSeenAt + SettleTime;

    /// <summary>
    /// Whether nothing opens under an older version any more: a whole walk, begun after every instance knew the current one, met no row of it that could
    /// have been re-wrapped or that waits for its key.
    /// </summary>
    public bool IsSafeToDisable(string version, DateTimeOffset at) =>
        version != Version && IsTelling(at) && Last!.Rows.GetValueOrDefault(version, RewrapRows.None) is { Movable: 0, KeyMissing: 0 };

    /// <summary>Whether the last walk can tell anything final: settled, and not so long ago that nobody seems to walk any more.</summary>
    public bool IsTelling(DateTimeOffset at) => Last is { FinishedAt: { } finished } && IsSettled(Last) && at - finished < StaleAfter;

    /// <summary>With a page added; the walk's end where there is no cursor to go on from.</summary>
    internal RewrapProgress After(IReadOnlyDictionary<string, RewrapRows> page, string? cursor, DateTimeOffset at)
    {
        var running = Running!.With(page, cursor);
        return cursor is null ? this with { Running = null, Last = running with { FinishedAt = at } } : this with { Running = running };
    }

    private bool IsSettled(RewrapPass pass) => pass.Version == Version && pass.StartedAt >= SettlesAt;
}

/// <summary>One walk over all rows.</summary>
/// <param name="Version">Toward which version.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it met the last row; null while under way.</param>
/// <param name="Cursor">Where it goes on; null at the beginning and at the end.</param>
/// <param name="Rows">What it met, by the version that the row named.</param>
public sealed record RewrapPass(string Version, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, string? Cursor, IReadOnlyDictionary<string, RewrapRows> Rows)
{
    /// <summary>What stands for a version of a form that none has, and for those past the fiftieth: rows name what their writer likes.</summary>
    public const string Others = "others";

    private const int MaxVersions = 50;

    internal static RewrapPass Begun(string version, DateTimeOffset at) => new(version, at, null, null, new Dictionary<string, RewrapRows>());

    internal RewrapPass With(IReadOnlyDictionary<string, RewrapRows> page, string? cursor)
    {
        var sum = new Dictionary<string, RewrapRows>(Rows);
        foreach (var (version, rows) in page)
        {
            var name = sum.ContainsKey(version) || (KeyEncryptionKey.VersionPattern.IsMatch(version) && (sum.Count < MaxVersions || version == Version)) ? version : Others;
            sum[name] = sum.GetValueOrDefault(name, RewrapRows.None) + rows;
        }

        return this with { Cursor = cursor, Rows = sum };
    }
}

/// <summary>Rows a walk met under one version, grants that ended and those that wait among them.</summary>
/// <param name="Met">All of them.</param>
/// <param name="Rewrapped">Now under the current version.</param>
/// <param name="Skipped">Left to the next walk: they were being refreshed, completed or written at that moment.</param>
/// <param name="KeyMissing">Left alone, because their version is lost or disabled.</param>
/// <param name="Broken">Left alone, because they are not as the vault wrote them: no key opens them.</param>
public sealed record RewrapRows(int Met, int Rewrapped = 0, int Skipped = 0, int KeyMissing = 0, int Broken = 0)
{
    internal static readonly RewrapRows None = new(0);

    /// <summary>What needs, or needed, the version to get off it.</summary>
    internal int Movable => Rewrapped + Skipped;

    /// <summary>Both together.</summary>
    public static RewrapRows operator +(RewrapRows one, RewrapRows other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return new(one.Met + other.Met, one.Rewrapped + other.Rewrapped, one.Skipped + other.Skipped, one.KeyMissing + other.KeyMissing, one.Broken + other.Broken);
    }
}
