using System.Text;
using Microsoft.Extensions.Configuration;

namespace Alter.Apps;

/// <summary>The document this instance runs with, read once at start. A wrong or missing one leaves the vault up and refusing, so that it can say why.</summary>
public sealed class ConfigurationSource
{
    private const string Setting = "ALTER_CONFIG";

    /// <summary>Takes what reading came to.</summary>
    public ConfigurationSource(ConfigurationReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        Current = reading.Configuration;
        Mistakes = reading.Mistakes;
    }

    /// <summary>Null where the document has mistakes.</summary>
    public VaultConfiguration? Current { get; }

    /// <summary>What <c>/health/ready</c> lists.</summary>
    public IReadOnlyList<ConfigurationMistake> Mistakes { get; }

    /// <summary>Loads the document at <c>ALTER_CONFIG</c>, else <c>alter.json</c> beside the application.</summary>
    public static ConfigurationSource Load(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var named = configuration[Setting];
        if (named is not null && named.Contains("://", StringComparison.Ordinal))
        {
            return Failed(Setting, "A document at a URL is not supported by this version.", "alter.json");
        }

        var path = Path.Combine(AppContext.BaseDirectory, string.IsNullOrEmpty(named) ? "alter.json" : named);
        return LoadFile(path, HostSituation.From(configuration));
    }

    /// <summary>Loads one file.</summary>
    public static ConfigurationSource LoadFile(string path, HostSituation situation)
    {
        const string Example = "ALTER_CONFIG=/home/site/wwwroot/alter.json";
        try
        {
            if (new FileInfo(path).Length > StrictDocument.MaxBytes)
            {
                return Failed("(document)", "It is over 1 MiB.", "one document below 1 MiB");
            }

            // Strict UTF-8: a byte that is none must not become a character that nobody wrote.
            var json = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
            return new ConfigurationSource(ConfigurationReader.Read(json.TrimStart('\uFEFF'), situation, Path.GetDirectoryName(Path.GetFullPath(path))));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Failed("(document)", $"There is no file {path}.", Example);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // ArgumentException: not UTF-8, or a path that is none.
            return Failed("(document)", $"It cannot be read as UTF-8 text ({e.GetType().Name}).", Example);
        }
    }

    private static ConfigurationSource Failed(string path, string fault, string example) => new(new ConfigurationReading(null, [new(path, fault, example)]));
}
