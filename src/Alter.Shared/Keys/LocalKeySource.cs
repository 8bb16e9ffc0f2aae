using System.Security.Cryptography;

namespace Alter.Keys;

/// <summary>A key in a file, for Development only; made on first use. Its version is a digest of itself.</summary>
public sealed class LocalKeySource(string path) : IKeySource
{
    public async Task<KeyEncryptionKey> ReadCurrentAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            Make();
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

    // Two workers may start at once: the file appears whole or not at all, and the first one stays.
    private void Make()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var draft = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(draft, options))
        {
            writer.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
