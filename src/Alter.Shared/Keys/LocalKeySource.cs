using System.Security.Cryptography;

namespace Alter.Keys;

/// <summary>A key in a file, for Development only; made on first use. Its version is a digest of itself.</summary>
public sealed class LocalKeySource(string path) : IKeySource
{
    private const int MaxAttempts = 250;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    public async Task<KeyEncryptionKey> ReadCurrentAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            await MakeAsync(cancellationToken);
        }

        var secret = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        return new KeyEncryptionKey(Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)))[..32], secret);
    }

    public async Task<KeyEncryptionKey?> ReadVersionAsync(string version, CancellationToken cancellationToken)
    {
        var current = await ReadCurrentAsync(cancellationToken);
        return current.Version == version ? current : null;
    }

    public Task<KeyEncryptionKey?> ReadPreviousAsync(KeyEncryptionKey current, CancellationToken cancellationToken) =>
        Task.FromResult<KeyEncryptionKey?>(null);

    /// <summary>The folder that holds <c>Alter.Functions.sln</c>, at or above <paramref name="start"/>; null where there is none.</summary>
    public static string? FindCheckout(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Alter.Functions.sln")))
            {
                return folder.FullName;
            }
        }

        return null;
    }

    // Several workers may start at once: the file appears whole or not at all, and the first one stays. A move that does not overwrite looks first and
    // renames then, which two can do at once; so whoever makes the key holds a lock, and has made it before it lets go.
    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var held = new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                if (!File.Exists(path))
                {
                    Write();
                }

                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && File.Exists(path))
            {
                return; // Another has made it.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && attempt < MaxAttempts)
            {
                await Task.Delay(LockPause, TimeProvider.System, cancellationToken); // Another is making it.
            }
        }
    }

    private void Write()
    {
        var draft = $"{path}.draft";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(draft, options))
        {
            writer.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }

        File.Move(draft, path);
    }
}
