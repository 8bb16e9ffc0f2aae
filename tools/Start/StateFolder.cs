using System.Security.Cryptography;

namespace Alter.Start;

/// <summary>Everything a run keeps: the vault's document and key, the shop's key, the emulator's data. Data and key live and die together.</summary>
internal sealed record StateFolder(string Path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Document => System.IO.Path.Combine(Path, "alter.json");

    public string Storage => System.IO.Path.Combine(Path, "azurite");

    public static StateFolder Open(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }

        return new StateFolder(path);
    }

    /// <summary>256 random bits under a name, the same at every start.</summary>
    public string Secret(string name, string prefix = "")
    {
        var path = System.IO.Path.Combine(Path, name);
        if (!File.Exists(path))
        {
            Write(path, prefix + RandomText());
        }

        return File.ReadAllText(path).Trim();
    }

    public void WriteDocument(string text) => Write(Document, text);

    public void Wipe()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    private static string RandomText() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }
}
