using System.CommandLine;
using System.Globalization;
using Alter.Grants;
using Alter.Storage;

namespace Alter.Cli.Backups;

/// <summary><c>alter backup</c>: copies the salt, the grants as they are stored, and what was revoked, into one file. Nothing is opened.</summary>
internal static class BackUpGrants
{
    private const string Extension = ".alterbackup";
    private const string Unfinished = ".partial";

    public static Command Command(OperatorTools tools)
    {
        var to = new Option<string>("--to") { Description = "The file, which must not be there yet, or a folder, which gets a file named for the time.", Required = true };
        var command = new Command("backup", "Copies the grants as they are stored, sealed, and what was revoked, into one file.") { to };
        command.SetAction((result, cancellationToken) => RunAsync(tools, result.GetRequiredValue(to), result.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(OperatorTools tools, string to, TextWriter output, CancellationToken cancellationToken)
    {
        var settings = OperatorSettings.Read(tools);
        var (storage, missing) = OperatorStorage.Open(tools, settings);
        if (storage is null)
        {
            output.WriteLine(missing);
            return 1;
        }

        var path = Path.Combine(tools.Folder, to);
        if (Directory.Exists(path))
        {
            path = Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"alter-{tools.Time.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmss'Z'}{Extension}"));
        }

        if (File.Exists(path))
        {
            output.WriteLine($"{path} is there already, and a backup replaces no file.");
            return 1;
        }

        try
        {
            var summary = await WriteAsync(tools, storage, path, cancellationToken);
            output.WriteLine($"Backup of {Told.Contents(summary)}");
            output.WriteLine($"{path}, {Told.Count(new FileInfo(path).Length)} bytes");
            output.WriteLine($"sha256 {summary.Digest}");
            return 0;
        }
        catch (BackupRefusedException e)
        {
            output.WriteLine(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.WriteLine($"{path} cannot be written ({e.GetType().Name}).");
        }
        catch (Exception e) when (OperatorStorage.FaultOf(e) is { } fault && !cancellationToken.IsCancellationRequested)
        {
            output.WriteLine($"{fault} Nothing was written.");
        }

        return 1;
    }

    // Under another name until it is whole and on the disk: what has the right name is a backup.
    private static async Task<BackupSummary> WriteAsync(OperatorTools tools, OperatorStorage storage, string path, CancellationToken cancellationToken)
    {
        var unfinished = path + Unfinished;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            BackupSummary summary;
            await using (var file = new FileStream(unfinished, options))
            {
                summary = await new TakeBackup(storage.Tables, new RevocationMarks(storage.Tables, tools.Time), tools.Time).RunAsync(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path);
            return summary;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
