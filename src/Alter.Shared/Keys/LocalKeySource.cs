using System.Security.Cryptography;

namespace Alter.Keys;

/// <summary>
/// Keys in a file, for Development only; the first is made on first use. One version a line, the last one current; a line that begins with # is disabled.
/// A version's name is a digest of its key.
/// </summary>
public sealed class LocalKeySource(string path) : IKeySource
{
    private const int MaxAttempts = 250;
    private const char Disabled = '#';
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    public async Task<KeyEncryptionKey> ReadCurrentAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).LastOrDefault(line => line.IsEnabled).Key ?? throw new KeySourceException("The local key file holds no enabled key.");

    public async Task<KeyEncryptionKey?> ReadVersionAsync(string version, CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).Find(line => line.IsEnabled && line.Key.Version == version).Key;

    public async Task<KeyEncryptionKey?> ReadPreviousAsync(KeyEncryptionKey current, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        return (await ReadAsync(cancellationToken)).LastOrDefault(line => line.IsEnabled && line.Key.Version != current.Version).Key;
    }

    public async Task<IReadOnlyList<KeyVersion>> ListVersionsAsync(CancellationToken cancellationToken) =>
        [.. (await ReadAsync(cancellationToken)).Select(line => new KeyVersion(line.Key.Version, line.IsEnabled, null))];

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

    private async Task<List<(KeyEncryptionKey Key, bool IsEnabled)>> ReadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            await MakeAsync(cancellationToken);
        }

        var lines = (await File.ReadAllLinesAsync(path, cancellationToken)).Select(line => line.Trim()).Where(line => line.Length > 0);
        return [.. lines.Select(line => (KeyOf(line.TrimStart(Disabled).Trim()), line[0] is not Disabled))];
    }

    private static KeyEncryptionKey KeyOf(string secret) => new(Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)))[..32], secret);

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
            writer.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + '\n');
        }

        File.Move(draft, path);
    }
}
