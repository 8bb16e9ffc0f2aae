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

    /// <summary>Writes the document, and beside it the logos it names.</summary>
    /// <param name="text">The document.</param>
    /// <param name="logosFrom">The folder that has the logos.</param>
    public void WriteDocument(string text, string logosFrom)
    {
        foreach (var logo in QuickstartDocument.Logos(text))
        {
            var copy = System.IO.Path.Combine(Path, logo);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(System.IO.Path.Combine(logosFrom, logo), copy, overwrite: true);
        }

        Write(Document, text);
    }

    /// <summary>Says where this run's storage is, for the command line beside it.</summary>
    public void WriteConnection(string connection) => Write(System.IO.Path.Combine(Path, "storage"), connection);

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
