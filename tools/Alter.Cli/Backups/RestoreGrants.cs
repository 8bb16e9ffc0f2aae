using System.Collections.Concurrent;
using System.CommandLine;
using Alter.Grants;
using Alter.Storage;

namespace Alter.Cli.Backups;

/// <summary><c>alter restore</c>: puts back what a backup has and storage has not. What was revoked or erased since stays so.</summary>
internal static class RestoreGrants
{
    private const int MostShown = 100;

    private sealed record Request(string From, string? Digest, bool IsDryRun, bool IsConfirmed);

    public static Command Command(OperatorTools tools)
    {
        var from = new Option<string>("--from") { Description = "The backup.", Required = true };
        var digest = new Option<string?>("--sha256") { Description = "What ./alter backup printed; another file is refused." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be done and change nothing." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var command = new Command("restore", "Puts back what a backup has and storage has not; what was revoked or erased since stays so.") { from, digest, dryRun, yes };
        command.SetAction((result, cancellationToken) => RunAsync(
            tools,
            new(result.GetRequiredValue(from), result.GetValue(digest), result.GetValue(dryRun), result.GetValue(yes)),
            result.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(OperatorTools tools, Request request, TextWriter output, CancellationToken cancellationToken)
    {
        var (storage, missing) = OperatorStorage.Open(tools, OperatorSettings.Read(tools));
        if (storage is null)
        {
            output.WriteLine(missing);
            return 1;
        }

        var path = Path.Combine(tools.Folder, request.From);
        try
        {
            return await RestoreAsync(tools, storage, path, request, output, cancellationToken);
        }
        catch (BackupRefusedException e)
        {
            output.WriteLine(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.WriteLine($"{path} cannot be read ({e.GetType().Name}).");
        }
        catch (Exception e) when (OperatorStorage.FaultOf(e) is { } fault && !cancellationToken.IsCancellationRequested)
        {
            output.WriteLine($"{fault} What was put back stays; run the same again, it goes on with the rest.");
        }

        return 1;
    }

    private static async Task<int> RestoreAsync(OperatorTools tools, OperatorStorage storage, string path, Request request, TextWriter output, CancellationToken cancellationToken)
    {
        BackupContents contents;
        await using (var file = Open(path))
        {
            contents = await BackupContents.ReadAsync(file, storage.Tables, tools.Time.GetUtcNow(), cancellationToken);
        }

        output.WriteLine($"Backup of {Told.Contents(contents.Summary)}");
        output.WriteLine($"sha256 {contents.Summary.Digest}");
        if (request.Digest is { } expected && !expected.Equals(contents.Summary.Digest, StringComparison.OrdinalIgnoreCase))
        {
            throw new BackupRefusedException("That is not the digest of --sha256: it is another file, or it was altered.");
        }

        if (!request.IsDryRun && !request.IsConfirmed)
        {
            output.Write("Put back what storage does not have? Stop the vault first. yes/no: ");
            if ((await tools.Input.ReadLineAsync(cancellationToken))?.Trim() is not "yes")
            {
                output.WriteLine();
                output.WriteLine("Nothing was changed; --yes goes ahead without asking.");
                return 1;
            }
        }

        var counts = new ConcurrentDictionary<RestoredAs, int>();
        var told = new ConcurrentBag<string>();
        var marks = new RevocationMarks(storage.Tables, tools.Time);
        var restore = new RestoreBackup(storage.Tables, marks, new DueIndex(storage.Tables, tools.Time), new AccountIndex(storage.Tables), tools.Time);
        await restore.RunAsync(() => Open(path), contents, request.IsDryRun, Tell, cancellationToken);
        Close(request, counts, [.. told.Order(StringComparer.Ordinal)], output);
        return 0;

        void Tell(RestoredRow row)
        {
            var count = counts.AddOrUpdate(row.As, 1, (_, known) => known + 1);
            if (count <= MostShown && Told.Row(row) is { } line)
            {
                told.Add(line);
            }
        }
    }

    private static void Close(Request request, ConcurrentDictionary<RestoredAs, int> counts, IReadOnlyList<string> told, TextWriter output)
    {
        foreach (var (outcome, count) in counts.OrderBy(pair => pair.Key))
        {
            var (mark, words) = Told.Outcome(outcome);
            output.WriteLine($"  {mark}  {Told.Count(count),7} {words}");
        }

        foreach (var line in told)
        {
            output.WriteLine(line);
        }

        if (counts.Any(pair => pair.Value > MostShown && pair.Key is (RestoredAs.KeptNewer or RestoredAs.Revoked or RestoredAs.Damaged)))
        {
            output.WriteLine($"  … at most {MostShown} of a kind are named");
        }

        output.WriteLine(request.IsDryRun
            ? "Nothing was changed (--dry-run)."
            : "Restart the vault now: an instance that ran before remembers what came after the backup, and refuses rows from before it (integrity_failure).");
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
}
