using System.Text.Json;
using Alter.Apps;
using Alter.Providers;
using Microsoft.Extensions.Configuration;

namespace Alter.Cli;

/// <summary>The document as the vault would read it.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Source">What reading it came to.</param>
/// <param name="IsDeployed">Judged as in Azure, where nothing of Development is allowed.</param>
internal sealed record OperatorDocument(string Path, ConfigurationSource Source, bool IsDeployed)
{
    private const string Usual = "http://localhost:7071";

    /// <summary>
    /// Reads it at <paramref name="config"/>, else at the setting <c>ALTER_CONFIG</c>, else <c>alter.json</c> of the checkout. A public URL that is not this
    /// machine's makes it the document of a deployment.
    /// </summary>
    public static OperatorDocument Read(OperatorTools tools, OperatorSettings settings, string? config, string? publicUrl)
    {
        var named = settings.All["ALTER_CONFIG"];
        var path = config is not null ? System.IO.Path.Combine(tools.Folder, config)
            : System.IO.Path.Combine(settings.Root, named is { Length: > 0 } ? named : "alter.json");
        var over = publicUrl ?? Set("ALTER_PUBLIC_URL") ?? Set("ALTER_PUBLIC_ORIGIN"); // The last is the azd environment's.
        var isDeployed = Uri.TryCreate(over ?? PublicUrlOf(path), UriKind.Absolute, out var url) && !Loopback.Is(url);
        var situation = new HostSituation(IsDevelopment: !isDeployed, IsAzure: isDeployed, Usual, over)
        {
            Suspended = settings.All[HostSituation.SuspendedSetting] is { Length: > 0 } suspended ? suspended : null,
            FormerPublicUrlOverride = settings.All[HostSituation.FormerPublicUrlSetting] is { Length: > 0 } former ? former : null,
            RevealingSettings = HostSituation.RevealingIn(name => settings.All[name]),
        };
        return new(path, ConfigurationSource.LoadFile(path, situation), isDeployed);

        string? Set(string name) => settings.All[name] is { Length: > 0 } set ? set : null;
    }

    // Only to know how to read it; what is wrong with the document is the reader's to say.
    private static string? PublicUrlOf(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("public_url", out var url) && url.ValueKind is JsonValueKind.String
                ? url.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
