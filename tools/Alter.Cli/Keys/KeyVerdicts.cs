using System.Globalization;
using Alter.Cli.Check;
using Alter.Grants;
using Alter.Keys;

namespace Alter.Cli.Keys;

/// <summary>One line for each version of the key: what it is, how many grants are under it, and whether it can be disabled.</summary>
internal sealed class KeyVerdicts(Report report, DateTimeOffset now)
{
    /// <summary>Whether asking again later will tell more.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Says everything.</summary>
    /// <param name="progress">What the vault noted; null: nothing yet.</param>
    /// <param name="versions">What the source of keys has, the oldest first; null where it could not be asked.</param>
    public void Give(RewrapProgress? progress, IReadOnlyList<KeyVersion>? versions)
    {
        if (versions is [.., { IsEnabled: false } disabled])
        {
            report.Wrong($"{disabled.Version} is the newest version, and disabled: an instance that starts now has no key. Enable it, or make another.");
        }

        if (progress is null)
        {
            Wait("The vault has not looked at its grants yet: it does within a minute of running.");
            return;
        }

        Walks(progress);
        if (versions is [.., { IsEnabled: true } newest] && newest.Version != progress.Version)
        {
            Wait($"{newest.Version} is newer and not in use yet: every instance has it five minutes after it was made.");
        }

        report.Heading("Versions");
        var known = (versions ?? []).Select(version => version.Version).ToList();
        foreach (var version in known.Concat((progress.Last?.Rows.Keys ?? []).Where(met => met is not RewrapPass.Others).Append(progress.Version).Except(known).Order(StringComparer.Ordinal)))
        {
            Judge(version, versions?.FirstOrDefault(listed => listed.Version == version), versions is not null, progress);
        }

        if (progress.Last?.Rows.GetValueOrDefault(RewrapPass.Others) is { } others)
        {
            report.Wrong($"{Count(others.Met)} under what is no version, or one of very many: somebody else than the vault writes there.");
        }
    }

    private void Walks(RewrapProgress progress)
    {
        report.Heading("Walks over all grants");
        report.Plain($"current since {Instant(progress.FirstSeenAt)}: {progress.Version}");
        report.Plain(progress.Last is { } last ? $"last walk {Instant(last.StartedAt)} to {Instant(last.FinishedAt!.Value)}: {Count(last.Rows.Values.Sum(rows => rows.Met))}" : "no walk has come to its end yet");
        report.Plain(progress.Running is { } running
            ? $"under way since {Instant(running.StartedAt)}: {Count(running.Rows.Values.Sum(rows => rows.Met))} so far, {Number(running.Rows.Values.Sum(rows => rows.Rewrapped))} re-wrapped"
            : $"next walk {Instant(progress.NextAt)}");
        if (progress.Running is null && progress.NextAt < now.AddHours(-1))
        {
            report.Wrong("It is overdue: is the vault running? Function RunPeriodicWork walks.");
        }
    }

    private void Judge(string version, KeyVersion? listed, bool isListComplete, RewrapProgress progress)
    {
        var met = progress.Last?.Rows.GetValueOrDefault(version);
        var left = progress.Last is not { } last ? (int?)null : version == last.Version ? (met?.Met ?? 0) + last.Rows.Values.Sum(rows => rows.Rewrapped) : (met?.Met ?? 0) - (met?.Rewrapped ?? 0);
        var isCurrent = version == progress.Version;
        var state = isCurrent ? "current" : listed is null ? (isListComplete ? "gone" : "") : listed.IsEnabled ? "enabled" : "disabled";
        var line = $"{version}  {state,-8}  {(left is { } number ? Number(number) : "?"),9}  ";
        var broken = met?.Broken > 0 ? $" {Count(met.Broken)} under it: not as the vault wrote it, so no key opens it." : "";
        if (isCurrent)
        {
            report.Right((line + broken).TrimEnd());
        }
        else if (progress.IsSafeToDisable(version, now))
        {
            report.Right(line + (state is "disabled" or "gone" ? "nothing needs it." : "safe to disable, once the oldest backup that needs it is gone.") + broken);
        }
        else if (met?.KeyMissing > 0 && listed is not { IsEnabled: true })
        {
            report.Wrong(line + $"{Count(met.KeyMissing)} cannot be opened without it: enable it again, or their users have to connect again.");
        }
        else
        {
            Wait(line + "not yet: " + Reason(met, progress) + broken);
        }
    }

    private string Reason(RewrapRows? met, RewrapProgress progress)
    {
        var next = progress.Running is null ? $"one begins {Instant(progress.NextAt)}" : "one is under way";
        if (progress.Last is not { } last || last.Version != progress.Version)
        {
            return $"no walk has come to its end since the current version was made; {next}.";
        }

        if (progress.Running is null && !progress.IsTelling(now) && last.StartedAt >= progress.SettlesAt)
        {
            return "the last walk is too long ago to tell.";
        }

        return met switch
        {
            { KeyMissing: > 0 } => $"{Count(met.KeyMissing)} not re-wrapped, because it was not to be had; {next}.",
            { Skipped: > 0 } => $"{Count(met.Skipped)} in use during the last walk; a walk has to meet none of it, and {next}.",
            { Rewrapped: > 0 } => $"{Count(met.Rewrapped)} re-wrapped by the last walk; a walk has to meet none of it, and {next}.",
            _ => $"a walk that began {Instant(progress.SettlesAt)} or later has to meet none of it, when every instance had the current version; {next}.",
        };
    }

    private void Wait(string text)
    {
        IsWaiting = true;
        report.Unknown(text);
    }

    private static string Count(int rows) => rows == 1 ? "1 row" : $"{Number(rows)} rows";

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
